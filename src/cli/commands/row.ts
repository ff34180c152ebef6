/**
 * What a command is to the program: the type of its row in the table of commands.
 */
import type { Command } from "commander";
import type { Surroundings } from "../terminal/surroundings.js";

/** Adds a command to the program: its options, its help, and what it does. */
export type CommandRow = (program: Command, around: Surroundings) => void;
