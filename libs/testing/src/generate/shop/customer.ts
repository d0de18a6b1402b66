import { type AggregateKind, type AggregateLife, type Happening } from '../aggregate-life.ts';
import { longTailedSize } from '../aggregate-size.ts';
import type { Random } from '../random.ts';
import { CITIES, FIRST_NAMES, LAST_NAMES, PAYMENT_METHODS, STREETS } from '../vocabulary.ts';

/** Registers, moves, changes settings, now and then logs in for years. */
export const customerKind: AggregateKind = {
  aggregateType: 'customer',
  weight: 10,
  size: (random) => longTailedSize(random, 1, 200),
  next(life, { random }) {
    if (life.version === 0) return registered(life, random);
    const what = random.below(100);
    if (what < 25) return addressChanged(life, random);
    if (what < 40) return preferencesChanged(life, random);
    if (what < 55) return paymentMethodAdded(life, random);
    return loggedIn(life, random);
  },
};

function registered(life: AggregateLife, random: Random): Happening {
  const firstName = random.pick(FIRST_NAMES);
  const lastName = random.pick(LAST_NAMES);
  return {
    type: 'customer.registered',
    userId: life.id,
    data: {
      firstName,
      lastName,
      email: `${asciiOf(firstName)}.${asciiOf(lastName)}.${life.number}@example.com`,
      language: random.pick(['de', 'en', 'es', 'fr', 'it', 'nl', 'pl', 'sv']),
      marketingConsent: random.chance(40),
      address: address(random),
      referrer: random.pick(['search', 'newsletter', 'friend', 'advertisement', 'direct']),
    },
  };
}

function addressChanged(life: AggregateLife, random: Random): Happening {
  return {
    type: 'customer.address.changed',
    userId: life.id,
    data: {
      address: address(random),
      previous: address(random),
      kind: random.pick(['shipping', 'billing']),
      validated: { by: 'postal-directory', score: random.between(60, 100) },
      movedOn: `2025-${String(random.between(1, 12)).padStart(2, '0')}-01`,
    },
  };
}

function preferencesChanged(life: AggregateLife, random: Random): Happening {
  return {
    type: 'customer.preferences.changed',
    userId: life.id,
    data: {
      newsletter: random.pick(['weekly', 'monthly', 'never']),
      orderUpdates: { email: true, sms: random.chance(30), push: random.chance(60) },
      sizes: { shoes: random.between(36, 47), shirt: random.pick(['S', 'M', 'L', 'XL']) },
      favouriteCategories: [random.pick(['kitchen', 'home']), random.pick(['sport', 'office'])],
      currency: random.pick(['EUR', 'CHF', 'SEK', 'PLN']),
      changedOn: random.pick(['web', 'ios', 'android']),
    },
  };
}

function paymentMethodAdded(life: AggregateLife, random: Random): Happening {
  return {
    type: 'customer.payment-method.added',
    userId: life.id,
    data: {
      paymentMethodId: `pm_${random.hex(20)}`,
      method: random.pick(PAYMENT_METHODS),
      last4: String(random.between(1000, 9999)),
      expires: `${random.between(2026, 2031)}-${String(random.between(1, 12)).padStart(2, '0')}`,
      billingAddress: address(random),
      isDefault: random.chance(50),
    },
  };
}

function loggedIn(life: AggregateLife, random: Random): Happening {
  const agent = random.pick([
    'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
    'ShopApp/7.2.1 (Android 14; Pixel 8)',
  ]);
  return {
    type: 'customer.logged-in',
    userId: life.id,
    data: {
      sessionId: random.hex(32),
      // 203.0.113.0/24 is reserved for examples.
      ip: `203.0.113.${random.between(1, 254)}`,
      agent,
      method: random.pick(['password', 'passkey', 'magic-link']),
      secondFactor: random.chance(35),
      city: random.pick(CITIES)[0],
      previousLogin: { daysAgo: random.between(0, 90), sameDevice: random.chance(70) },
    },
  };
}

/** A postal address. */
export function address(random: Random): Readonly<Record<string, unknown>> {
  const [city, country, postalCode] = random.pick(CITIES);
  return { street: `${random.pick(STREETS)} ${random.between(1, 180)}`, city, postalCode, country };
}

/** For e-mail addresses: without accents, in lower case. */
function asciiOf(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();
}
