/** Where a part of the system says what it does; the command line decides what people see. */
export interface Log {
  /** Something that only matters when hunting a fault. */
  debug(message: string, facts?: Record<string, unknown>): void;
  /** Something people may want to know. */
  info(message: string, facts?: Record<string, unknown>): void;
  /** Something people should know, though the work goes on. */
  warn(message: string, facts?: Record<string, unknown>): void;
}

/** A log that keeps nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {} };
