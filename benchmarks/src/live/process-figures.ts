/** What the gateway tells of its own process. */
export interface GatewayFigures {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** Reads them from `/metrics`. */
export async function gatewayFigures(gatewayUrl: string): Promise<GatewayFigures> {
  const text = await (await fetch(`${gatewayUrl}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
  return { cpuSeconds: value('process_cpu_seconds_total'), memoryBytes: value('process_resident_memory_bytes') };
}
