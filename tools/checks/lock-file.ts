/**
 * The lock file must serve every machine: it names no registry, and it lists the optional packages of all
 * platforms, also of those that the machine which wrote it could not fetch. Without them `npm ci` refuses it. Each has the
 * hash of what was published, without which npm installs whatever a registry hands out.
 */

/** The parts of package-lock.json that are read. */
export interface LockFile {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly resolved?: string;
        readonly integrity?: string;
        /** True for a package that lies inside the archive of another. */
        readonly inBundle?: boolean;
        readonly optionalDependencies?: Readonly<Record<string, string>>;
      }
    >
  >;
}

/** One message per package that is tied to a registry, leaves out an optional package, or has no hash. */
export function checkLockFile(lock: LockFile): readonly string[] {
  return Object.entries(lock.packages).flatMap(([path, entry]) => [
    ...(entry.resolved === undefined
      ? []
      : [`${path} is tied to ${entry.resolved}; write the lock file with omit-lockfile-registry-resolved`]),
    ...(path === "" || entry.inBundle || /^sha512-[\w+/]{86}==$/.test(entry.integrity ?? "")
      ? []
      : [`${path} has no integrity; take what npm view NAME@VERSION dist.integrity prints`]),
    ...Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !(`${path}/node_modules/${name}` in lock.packages))
      .filter((name) => !(`node_modules/${name}` in lock.packages))
      .map((name) => `${path} needs an entry for ${name}: take those of another platform as a pattern`),
  ]);
}
