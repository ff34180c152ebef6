/**
 * The reference of every published name, from the doc comments of the modules that package.json exports: one page for each.
 */
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Application } from "typedoc";

/**
 * Writes the reference as Markdown. A warning is an error.
 * @param {string} root the repository @param {string} to an empty folder
 * @returns {Promise<{ text: string, link: string }[]>} its pages
 */
export async function writeReference(root, to) {
  const { exports, name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const entries = Object.entries(exports)
    .filter(([, target]) => typeof target === "object")
    .map(([subpath, target]) => ({
      importedAs: `${name}${subpath.slice(1)}`,
      source: target.types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts"),
    }));
  const app = await Application.bootstrapWithPlugins({
    entryPoints: entries.map(({ source }) => join(root, source)),
    tsconfig: join(root, "tsconfig.build.json"),
    out: to,
    name: "Reference",
    readme: "none",
    logLevel: "Warn",
    treatWarningsAsErrors: true,
    disableSources: true,
    excludeInternal: true,
    excludeExternals: true,
    githubPages: false,
    groupOrder: ["Functions", "Variables", "Interfaces", "Type Aliases", "Classes", "*"],
    // Types that a published one is made of and that nobody imports by name are not missing.
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    plugin: ["typedoc-plugin-markdown"],
    outputFileStrategy: "modules",
    entryFileName: "index",
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useHTMLAnchors: true,
    sanitizeComments: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    useCodeBlocks: true,
    expandObjects: true,
  });
  const project = await app.convert();
  if (!project) throw new Error("typedoc could not read the sources");
  for (const module of project.children ?? []) {
    const entry = entries.find(
      ({ source }) => /^src\/(.*?)(\/index)?\.ts$/.exec(source)?.[1] === module.name,
    );
    if (!entry) throw new Error(`typedoc found a module that nobody exports: ${module.name}`);
    module.name = entry.importedAs;
  }
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("the reference has warnings");
  restoreNames(
    to,
    entries.map(({ importedAs }) => importedAs),
  );
  return entries.map(({ importedAs }) => ({ text: importedAs, link: `/reference/${importedAs}` }));
}

/**
 * Gives pages the names of their modules: typedoc numbers `unrolled/insight`, for on some systems it is the same file as the type
 * `Insight` of `unrolled` would be, which has no page.
 * @param {string} folder of the pages @param {readonly string[]} modules
 */
function restoreNames(folder, modules) {
  const numbered = modules.filter((name) => !existsSync(join(folder, `${name}.md`)));
  for (const name of numbered) renameSync(join(folder, `${name}-1.md`), join(folder, `${name}.md`));
  if (numbered.length === 0) return;
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".md")) continue;
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    const named = numbered.reduce((all, name) => {
      const last = name.slice(name.lastIndexOf("/") + 1);
      return all.replaceAll(`${last}-1.md`, `${last}.md`);
    }, text);
    if (named !== text) writeFileSync(path, named);
  }
}
