// A user's first program: test/package.test.ts compiles and runs it against the installed package.
import packageJson from "unrolled/package.json" with { type: "json" };

console.log(`${packageJson.name} ${packageJson.version}`);
