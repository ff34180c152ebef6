/** Pieces of HTML: texts made safe, tables, and pictures with a text beside them. No scripts, and nothing from outside. */

/** A text as it can stand between tags and in attributes. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (c) => entities[c]!);
}

/** A number in a picture's coordinates: two decimals are a hundredth of a pixel. */
export const at = (value: number): string => String(Math.round(100 * value) / 100);

/** A table: its caption, its heads, and rows whose first cell heads the row. All are texts. */
export function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const head = heads.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  const body = rows.map(([first = "", ...rest]) => {
    const cells = rest.map((text) => `<td>${escapeHtml(text)}</td>`).join("");
    return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`;
  });
  return `<table><caption>${escapeHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

/** Something wide, which can be scrolled with keys too. */
export const scrolled = (label: string, html: string): string =>
  `<div class="wide" role="region" tabindex="0" aria-label="${escapeHtml(label)}">${html}</div>`;

/** What a picture is. */
export interface Picture {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** What there is to see, for those who do not see it. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  /** The SVG inside. */
  readonly body: string;
}

/** A picture as SVG, with its title and description. */
export function svg({ id, title, description, width, height, body }: Picture): string {
  return (
    `<svg role="img" aria-labelledby="${id}-title ${id}-text" width="${at(width)}" height="${at(height)}" viewBox="0 0 ${at(width)} ${at(height)}">` +
    `<title id="${id}-title">${escapeHtml(title)}</title><desc id="${id}-text">${escapeHtml(description)}</desc>${body}</svg>`
  );
}

/** A picture with a caption, what its colours mean, and its numbers in a table that opens. */
export function figure(
  picture: Picture,
  { legend = "", numbers }: { readonly legend?: string; readonly numbers: string },
): string {
  const { title } = picture;
  return (
    `<figure><figcaption>${escapeHtml(title)}</figcaption>${scrolled(`picture: ${title}`, svg(picture))}${legend}` +
    `<details><summary>The numbers<span class="hidden"> of: ${escapeHtml(title)}</span></summary>${scrolled(`numbers: ${title}`, numbers)}</details></figure>`
  );
}
