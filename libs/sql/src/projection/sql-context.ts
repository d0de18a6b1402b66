import type { Transaction } from 'kysely';

/** What a projection into SQL writes with. */
export interface SqlContext<DB> {
  /** The transaction that also moves the checkpoint. Nothing else of the database may be used within. */
  readonly trx: Transaction<DB>;
  /**
   * The table that a plain name stands for while this generation is written, such as `user_names_g3` for `user_names`. Its
   * type stays the plain name's, so that Kysely knows its columns.
   *
   * @throws Error for a name that `up` did not ask for
   */
  table<Name extends keyof DB & string>(name: Name): Name;
}

/** Makes the tables of a generation. Names of indexes must be made of `table(name)` too: a rebuild makes a second one. */
export type MakeTables<DB> = (trx: Transaction<DB>, table: SqlContext<DB>['table']) => Promise<void>;
