/** Why a node of a foreign graph is not read. */

/** A node that cannot be read: what it does that no layer does; the message follows its place. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}
