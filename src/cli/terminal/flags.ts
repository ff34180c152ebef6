/**
 * How keys of options are written on the command line: learningRate is --learning-rate.
 */

/** A name in small letters, its words with dashes between them. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The flag of an option. */
export const flagOf = (key: string): string => `--${kebab(key)}`;
