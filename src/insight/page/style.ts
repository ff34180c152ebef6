/**
 * The page's style, light and dark as the reader has it. Maps run from pale to strong blue, or from orange to blue by way of
 * the paper's colour: pairs that people who do not tell red from green tell apart.
 */

type Colour = readonly [number, number, number];

const between = (a: Colour, b: Colour, share: number): string =>
  `rgb(${a.map((v, i) => Math.round(v + (b[i]! - v) * share)).join(" ")})`;

/** Nine colours of each kind for one paper. */
function colours(paper: Colour, blue: Colour, orange: Colour): string {
  const q = Array.from({ length: 9 }, (_, i) => `--q${i}:${between(paper, blue, i / 8)}`);
  const d = Array.from(
    { length: 9 },
    (_, i) => `--d${i}:${between(paper, i < 4 ? orange : blue, Math.abs(i - 4) / 4)}`,
  );
  return [...q, ...d].join(";");
}

const light = colours([238, 240, 243], [8, 61, 138], [176, 72, 0]);
const dark = colours([38, 41, 46], [122, 183, 255], [255, 164, 84]);
const fills = ["q", "d"].flatMap((kind) =>
  Array.from({ length: 9 }, (_, i) => `.${kind}${i}{fill:var(--${kind}${i})}`),
);

/** The contents of the page's <style>. */
export const style = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1c1f24;--soft:#535a64;--line:#c9ced6;--curve:#083d8a;--band:#083d8a33;--limit:#a03d00;${light}}
@media (prefers-color-scheme:dark){:root{--paper:#16181c;--ink:#e9ebee;--soft:#a9b0ba;--line:#474d57;--curve:#7ab7ff;--band:#7ab7ff40;--limit:#ffa454;${dark}}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem}h2{font-size:1.3rem;margin-top:2.5rem;border-bottom:1px solid var(--line)}h3{font-size:1.1rem}
.maps{display:flex;flex-wrap:wrap;gap:0 2.5rem}.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
figure{margin:1.5rem 0 0;max-width:100%;min-width:0}figcaption{font-weight:600}
.wide{overflow-x:auto;padding:.25rem 0}
svg text{font:11px system-ui,sans-serif;fill:var(--ink)}.end{text-anchor:end}.middle{text-anchor:middle}
.curve{fill:none;stroke:var(--curve);stroke-width:2}.band{fill:var(--band)}.grid{stroke:var(--line)}
.limit{stroke:var(--limit);stroke-dasharray:6 4;fill:none}
table{border-collapse:collapse;margin:.5rem 0}caption{text-align:left;color:var(--soft)}
th,td{padding:.2rem .7rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
thead th{border-bottom-color:var(--ink)}th:first-child{text-align:left}tbody th{font-weight:400}
.legend{display:flex;gap:.5rem;align-items:center;margin:0;color:var(--soft);font-size:.85rem}
summary{cursor:pointer;color:var(--soft)}
.note{color:var(--soft)}
${fills.join("")}
`;
