/** Storage names of what the library keeps beside read models. Changing one is a migration. */
export interface BookkeepingTables {
  annals_migrations: { id: number };
  annals_projections: {
    name: string;
    last_generation: number;
    live_generation: number | null;
  };
  annals_projection_generations: {
    projection: string;
    generation: number;
    version: number;
    /** JSON, its streams sorted: it is compared as text. */
    checkpoint: string;
    /** JSON: the plain names of its tables. */
    tables: string;
  };
  /** Which projection may use a plain name. */
  annals_projection_tables: {
    table_name: string;
    projection: string;
  };
}
