/** Made-up people and shops for the demo's traffic. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

const FIRST = [
  'Ada',
  'Bo',
  'Chiara',
  'Dele',
  'Eun-ji',
  'Farid',
  'Greta',
  'Hugo',
  'Ilse',
  'Jamal',
  'Kirsten',
  'Luis',
  'Mira',
];
const LAST = ['Almeida', 'Berg', 'Chukwu', 'Dahl', 'Egger', 'Fontaine', 'Grimaldi', 'Holm', 'Ito', 'Janssen', 'Kovács'];
const SHOPS = [
  'Bakery',
  'Bicycle Repair',
  'Book Exchange',
  'Coffee Roastery',
  'Flower Stand',
  'Noodle Bar',
  'Record Shop',
];
const CATEGORIES = ['food', 'services', 'books', 'food', 'garden', 'food', 'music'];
const PLACES = [
  { lat: 52.3731, long: 4.8922, address: 'Dam 1, Amsterdam' },
  { lat: 48.2082, long: 16.3738, address: 'Stephansplatz 3, Wien' },
  { lat: 55.6761, long: 12.5683, address: 'Rådhuspladsen 1, København' },
  { lat: 41.3874, long: 2.1686, address: 'Plaça de Catalunya 5, Barcelona' },
];
const PROVIDERS = ['google-calendar', 'slack', 'stripe', 'mailchimp'];

const at = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

/** Person number `index`; their e-mail address is their own within a run. */
export function person(index: number, run: string): Person {
  const first = at(FIRST, index);
  const last = at(LAST, Math.floor(index / FIRST.length) + index);
  return { name: `${first} ${last}`, email: `${first.toLowerCase()}.${index}.${run}@example.com` };
}

/** Shop number `index`. */
export function shop(index: number): {
  readonly name: string;
  readonly category: string;
  readonly description: string;
} {
  const kind = at(SHOPS, index);
  const name = `${at(LAST, index * 3)} ${kind}`;
  return {
    name,
    category: at(CATEGORIES, index),
    description: `${kind} on the corner, open from Tuesday to Saturday.`,
  };
}

/** Where step `step` of walk `index` leads: some hundred metres from the step before. */
export function place(
  index: number,
  step = 0,
): { readonly lat: number; readonly long: number; readonly address: string } {
  const { lat, long, address } = at(PLACES, index);
  const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
  return { lat: round(lat + step * 0.0013), long: round(long + ((index + step) % 7) * 0.0017), address };
}

/** A system to connect to. */
export function provider(index: number): string {
  return at(PROVIDERS, index);
}
