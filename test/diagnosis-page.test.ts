/**
 * The page of `unrolled diagnose` in a real browser: it needs nothing but itself, can be read in light and dark and with
 * assistive technology (axe-core finds no violation), and its pictures are there. Needs Chromium (Debian: apt-get install
 * chromium).
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { classifier, translator } from "unrolled";
import { diagnosisPage } from "unrolled/insight";
import { beforeAll, describe, expect, it } from "vitest";
import { executablePath, serve, withPage } from "./browser/chromium.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const cycle = <T>(values: readonly T[], i: number): T => values[i % values.length] as T;
const twenty = <T>(make: (i: number) => T): T[] => Array.from({ length: 20 }, (_, i) => make(i));

/** A page of a model with gates and pooling by attention, and one of a model with attention to a source. */
async function makePages(): Promise<Readonly<Record<string, string>>> {
  const training = { epochs: 1, seed: 3, embedding: 8 };
  const texts = twenty((i) => ({
    text: `a <b>${cycle(["fine", "dreary"], i)}</b> & ${cycle(["day", "night"], i)}${" indeed".repeat(i % 4)}`,
    label: cycle(["good", "bad"], i),
  }));
  const pairs = twenty((i) => {
    const source = `${cycle(["ab", "ba", "aab"], i)} ${cycle(["b", "bb"], i)}`;
    return { source, target: [...source].reverse().join("") };
  });
  const one = await classifier.train({ ...training, train: texts, units: [6], pooling: "attention" });
  const two = await translator.train({ ...training, train: pairs, units: 6, vocabularySize: 12 });
  const page = async <Example>(
    model: {
      diagnose(examples: readonly Example[]): ReturnType<typeof one.diagnose>;
      trace: (examples: readonly Example[], options: object) => ReturnType<typeof one.trace>;
      dispose(): void;
    },
    examples: readonly Example[],
  ): Promise<string> => {
    const [shown] = await model.trace([examples[3] as Example], { trace: ["gates", "states", "gradients"] });
    const diagnosis = await model.diagnose(examples);
    model.dispose();
    if (!shown) throw new Error("there is no trace");
    // Findings of every kind of length, whatever this model gives.
    const layer = diagnosis.layers[0]?.name ?? "";
    const findings = [
      {
        kind: "vanishing" as const,
        layer,
        text: "It vanishes <so>.",
        advice: ["this", "that"],
        templates: ["this", "that"],
      },
    ];
    return diagnosisPage({ title: "a <model>", diagnosis: { ...diagnosis, findings }, shown });
  };
  return { texts: await page(one, texts), translations: await page(two, pairs) };
}

describe.skipIf(!executablePath)("in Chromium (install it with apt-get install chromium)", () => {
  let pages: Readonly<Record<string, string>> = {};
  beforeAll(async () => {
    pages = await makePages();
  });

  it.each([
    ["texts", "light"],
    ["texts", "dark"],
    ["translations", "light"],
    ["translations", "dark"],
  ] as const)("the page of %s is accessible in %s, and loads nothing", async (name, colorScheme) => {
    const served = await serve({ "/index.html": pages[name]! });
    try {
      await withPage("about:blank", async (tab) => {
        const requests: string[] = [];
        tab.on("request", (request) => requests.push(new URL(request.url()).pathname));
        const errors: string[] = [];
        tab.on("pageerror", (error) => errors.push(error.message));
        await tab.emulateMedia({ colorScheme });
        // As wide as a phone, so that pictures and tables have to be scrolled.
        await tab.setViewportSize({ width: 400, height: 800 });
        await tab.goto(served.url);
        await tab.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
        await tab.evaluate(axe);
        const { violations, passes } = (await tab.evaluate(
          "axe.run(document, { resultTypes: ['violations', 'passes'] })",
        )) as {
          violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
          passes: { id: string }[];
        };
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html, nodes[0]?.failureSummary])).toEqual([]);
        expect(passes.map(({ id }) => id)).toEqual(
          expect.arrayContaining([
            "color-contrast",
            "svg-img-alt",
            "scrollable-region-focusable",
            "document-title",
          ]),
        );
        const paper = await tab.evaluate("getComputedStyle(document.body).backgroundColor");
        expect(paper).toBe(colorScheme === "dark" ? "rgb(22, 24, 28)" : "rgb(255, 255, 255)");
        // The browser asks for an icon of its own accord.
        expect(requests.filter((path) => path !== "/favicon.ico")).toEqual(["/"]);
        expect(errors).toEqual([]);
      });
    } finally {
      served.close();
    }
  });

  it("texts of the data are shown as they are, and pictures have their words, titles and numbers", async () => {
    const served = await serve({ "/index.html": pages["texts"]! });
    try {
      await withPage(served.url, async (tab) => {
        const count = (selector: string): Promise<unknown> =>
          tab.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`);
        const text = (await tab.evaluate("document.body.innerText")) as string;
        expect(text).toContain("a <model>");
        expect(text).toContain("It vanishes <so>.");
        expect(text).toContain("a < b > dreary < / b > & night indeed indeed indeed");
        expect(await count("main b")).toBe(0);
        const figures = (await count("figure")) as number;
        // Two directions: a curve, four maps and a map of norms each; and the attention.
        expect(figures).toBe(2 + 2 * 5 + 1);
        expect(await count("figure svg[role=img] > title")).toBe(figures);
        expect(await count("figure svg[role=img] > desc")).toBe(figures);
        expect(await count("figure details table")).toBe(figures);
        const drawn =
          await tab.evaluate(`[...document.querySelectorAll("svg path[class^=q], svg path[class^=d]")]
          .every((path) => path.getBBox().width > 0 && getComputedStyle(path).fill !== "rgb(0, 0, 0)")`);
        expect(drawn).toBe(true);
      });
    } finally {
      served.close();
    }
  });

  it("attention to a source has its tokens as columns and what was written as rows", () => {
    const page = pages["translations"]!;
    expect(page).toContain("decoder1: the weights of attention");
    expect(page).toContain("‹end›");
  });
});

it("the same diagnosis gives the same page, which holds no script", async () => {
  const [first, second] = [await makePages(), await makePages()];
  expect(second).toEqual(first);
  for (const page of Object.values(first)) {
    expect(page).not.toMatch(/<script|<link|https?:|@import|url\(/);
  }
});
