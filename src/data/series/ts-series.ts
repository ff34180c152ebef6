/**
 * The .ts format of the UCR and UEA archives of time series (Bagnall et al. 2018, sktime): comments with #, header lines
 * with @, and after @data one series per line: its channels separated by colons, their values by commas, the label last. Series
 * may be of any length, but all channels of a series have the same length. Series with time stamps are refused.
 */
import { DataError } from "../errors.js";
import { lines, type Source } from "../source.js";
import { valueOf } from "../tables/number.js";
import type { RawSeries } from "./series.js";

/** What the header said so far. */
interface Header {
  /** The labels, if there are any; undefined if series have none. */
  labels?: ReadonlySet<string> | undefined;
  dimensions?: number;
  equalLength?: boolean;
  data?: boolean;
}

type Refuse = (problem: string, remedy: string) => DataError;

/** The header lines that matter, in lower case: each takes the words after it. Others are only descriptions. */
const headerLines: Readonly<
  Record<string, (header: Header, words: readonly string[], refuse: Refuse) => void>
> = {
  "@timestamps": (_, [value], refuse) => {
    if (value?.toLowerCase() !== "true") return;
    throw refuse(
      "says that the values have time stamps",
      "Give a file of values at equal distances in time.",
    );
  },
  "@targetlabel": (_, [value], refuse) => {
    if (value?.toLowerCase() !== "true") return;
    throw refuse(
      "has numbers as targets, which is regression",
      "A classifier needs a file with @classLabel.",
    );
  },
  "@univariate": (header, [value]) => {
    if (value?.toLowerCase() === "true") header.dimensions = 1;
  },
  "@dimensions": dimensions,
  "@dimension": dimensions,
  "@equallength": (header, [value]) => {
    header.equalLength = value?.toLowerCase() === "true";
  },
  "@classlabel": (header, [value, ...labels], refuse) => {
    const has = value?.toLowerCase();
    if (has === "false") return;
    if (has !== "true" || labels.length === 0)
      throw refuse(
        "does not name class labels",
        'Write "@classLabel true" and the labels, or "@classLabel false".',
      );
    header.labels = new Set(labels);
  },
  "@data": (header) => {
    header.data = true;
  },
};

function dimensions(header: Header, [value]: readonly string[], refuse: Refuse): void {
  if (!/^[1-9]\d*$/.test(value ?? ""))
    throw refuse(`gives "${value ?? ""}" channels`, "Give a whole number from 1.");
  header.dimensions = Number(value);
}

/**
 * The series of a .ts source, one at a time.
 *
 * @throws DataError naming the line that does not follow the format, or has a different number of channels from the
 * header, channels of different lengths, a value that is not a number, or a label that the header does not name
 */
export async function* tsSeries(source: Source): AsyncGenerator<RawSeries> {
  const header: Header = {};
  let first: number | undefined;
  for await (const { number: line, text: whole } of lines(source)) {
    const text = whole.trim();
    if (text === "" || text.startsWith("#")) continue;
    const refuse: Refuse = (problem, remedy) => new DataError({ file: source.name, line, problem, remedy });
    if (text.startsWith("@") && !header.data) {
      const [name, ...words] = text.split(/\s+/) as [string, ...string[]];
      const row = headerLines[name.toLowerCase()];
      if (row !== undefined) row(header, words, refuse);
      continue;
    }
    if (!header.data)
      throw refuse(
        "comes before @data",
        "A .ts file begins with header lines that start with @; the last is @data.",
      );
    const series = seriesOf(text, header, { file: source.name, line }, refuse);
    const length = series.channels[0]!.length;
    first ??= length;
    if (header.equalLength && length !== first)
      throw refuse(
        `has ${length} steps, but the first series has ${first}`,
        'The header says "@equalLength true"; correct one of the two.',
      );
    yield series;
  }
  if (header.data && first !== undefined) return;
  throw new DataError({
    file: source.name,
    problem: header.data ? "has no series after @data" : "has no @data line",
    remedy: "A .ts file has header lines, then @data, then a series on each line.",
  });
}

function seriesOf(
  text: string,
  header: Header,
  place: { file: string; line: number },
  refuse: Refuse,
): RawSeries {
  const parts = text.split(":");
  const label = header.labels === undefined ? undefined : parts.pop()!.trim();
  if (label !== undefined && label !== "" && !header.labels?.has(label))
    throw refuse(
      `has the label "${label}", which the header does not name`,
      `The labels are ${[...header.labels!].join(", ")}; the label comes last, after a colon.`,
    );
  const { dimensions: wanted = parts.length } = header;
  if (parts.length !== wanted || parts.length === 0)
    throw refuse(
      `has ${parts.length} channels, but the header announces ${wanted}`,
      "Channels are separated by colons, and the label comes last, after a colon.",
    );
  const channels = parts.map((part, channel) => channelOf(part, channel, refuse));
  const length = channels[0]!.length;
  const odd = channels.findIndex((values) => values.length !== length);
  if (odd >= 0)
    throw refuse(
      `channel ${odd + 1} has ${channels[odd]?.length} values, but channel 1 has ${length}`,
      "All channels of a series need the same length.",
    );
  return { ...place, channels, ...(label === undefined ? {} : { labels: { label } }) };
}

function channelOf(text: string, channel: number, refuse: Refuse): number[] {
  if (text.trim() === "") return [];
  return text.split(",").map((value, step) => {
    const number = value.trim() === "" ? undefined : valueOf(value);
    if (number !== undefined) return number;
    const stamped = value.trim().startsWith("(");
    throw refuse(
      `step ${step + 1} of channel ${channel + 1} is "${value.trim()}"`,
      stamped
        ? "Values with time stamps cannot be read; give values at equal distances in time."
        : "Give a number, or ? if it is missing.",
    );
  });
}
