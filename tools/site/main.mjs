/**
 * `npm run site`: the documentation as a site, in site/: the README, docs/, a page of every file of code that they link to, and
 * the reference of every published name. It ends with status 1 on a warning of typedoc or VitePress, an equation that cannot
 * be typeset, and a link to a page or a heading that is not there.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "../ensure.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const status = install(here);
if (status !== 0) process.exit(status);

// Imported here, because what they import has just been installed.
const { writePages, navigation } = await import("./pages.mjs");
const { writeReference } = await import("./reference.mjs");
const { buildSite } = await import("./site.mjs");
const { deadLinks } = await import("./dead-links.mjs");

const work = join(here, ".work");
const out = join(root, "site");
for (const folder of [work, out]) rmSync(folder, { recursive: true, force: true });

const pages = writePages(root, work);
const reference = await writeReference(root, join(work, "reference"));
const sidebar = [...navigation(root), { text: "Reference", items: reference }];
const warnings = await buildSite({ work, out, sidebar });
const problems = [...warnings, ...deadLinks(out)];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`site/: ${pages} pages and ${reference.length} of reference, no warnings, no dead links`);
