import {
  isLast,
  type AggregateKind,
  type AggregateLife,
  type Happening,
  type Surroundings,
} from '../aggregate-life.ts';
import { longTailedSize } from '../aggregate-size.ts';
import type { Random } from '../random.ts';
import { PRODUCTS } from '../vocabulary.ts';

/** Filled for a while, then checked out (an order follows) or abandoned. */
export const cartKind: AggregateKind = {
  aggregateType: 'cart',
  weight: 25,
  size: (random) => longTailedSize(random, 2, 16),
  next(life, around) {
    const { random } = around;
    if (life.version === 0) return created(life, around);
    const userId = life.memory['customerId'] as string;
    if (isLast(life)) return { ...ended(life, around), userId };
    const what = random.below(100);
    if (what < 65) return { ...itemAdded(life, around), userId };
    if (what < 85) return { ...quantityChanged(life, around), userId };
    return { ...itemRemoved(life, around), userId };
  },
};

function created(life: AggregateLife, { random, someId }: Surroundings): Happening {
  const customerId = someId('customer');
  Object.assign(life.memory, { customerId, items: 0, cents: 0 });
  return {
    type: 'cart.created',
    userId: customerId,
    data: {
      customerId,
      currency: 'EUR',
      market: random.pick(['AT', 'DE', 'ES', 'FI', 'FR', 'NL', 'PL', 'SE']),
      device: random.pick(['web', 'ios', 'android']),
      session: random.hex(32),
      campaign: {
        source: random.pick(['newsletter', 'search', 'social']),
        medium: 'link',
        id: `c-${random.between(1, 400)}`,
      },
      landingPage: `/catalogue/${random.pick(['kitchen', 'home', 'sport', 'office'])}?page=${random.between(1, 9)}`,
    },
  };
}

function itemAdded(life: AggregateLife, { random, someId }: Surroundings): Happening {
  const [name, category, unitCents] = random.pick(PRODUCTS);
  const quantity = random.between(1, 3);
  life.memory['items'] = (life.memory['items'] as number) + quantity;
  life.memory['cents'] = (life.memory['cents'] as number) + quantity * unitCents;
  return {
    type: 'cart.item.added',
    data: {
      productId: someId('product'),
      name,
      category,
      quantity,
      unitPrice: { cents: unitCents, currency: 'EUR' },
      options: options(random),
      addedFrom: random.pick(['product page', 'recommendation', 'search results', 'wish list']),
      position: life.version,
      experiment: { id: `exp-${random.between(100, 140)}`, variant: random.pick(['control', 'a', 'b']) },
      total: { items: life.memory['items'], cents: life.memory['cents'] },
    },
  };
}

function quantityChanged(life: AggregateLife, { random, someId }: Surroundings): Happening {
  return {
    type: 'cart.item.quantity-changed',
    data: {
      productId: someId('product'),
      before: random.between(1, 3),
      after: random.between(1, 6),
      total: { items: life.memory['items'], cents: life.memory['cents'], currency: 'EUR' },
      availability: { inStock: random.chance(95), warehouse: 'leipzig-1', deliveryDays: random.between(1, 5) },
      changedOn: random.pick(['cart page', 'mini cart', 'checkout']),
      requestId: random.hex(24),
    },
  };
}

function itemRemoved(life: AggregateLife, { random, someId }: Surroundings): Happening {
  return {
    type: 'cart.item.removed',
    data: {
      productId: someId('product'),
      reason: random.pick(['changed my mind', 'too expensive', 'delivery too slow', 'not given']),
      options: options(random),
      total: { items: life.memory['items'], cents: life.memory['cents'], currency: 'EUR' },
      suggestedInstead: [someId('product'), someId('product')],
      requestId: random.hex(24),
    },
  };
}

function ended(life: AggregateLife, around: Surroundings): Happening {
  const { random } = around;
  const total = { items: life.memory['items'], cents: life.memory['cents'], currency: 'EUR' };
  if (random.chance(35)) {
    return {
      type: 'cart.abandoned',
      data: {
        idleMinutes: random.between(60, 2_880),
        lastPage: random.pick(['/cart', '/checkout/address', '/checkout/payment']),
        total,
        reminderPlanned: random.chance(60),
        remindBy: ['email', random.pick(['push', 'sms'])],
        recoveryToken: random.hex(40),
        basketScore: random.between(1, 100),
      },
    };
  }
  return {
    type: 'cart.checked-out',
    causes: 'order',
    data: {
      total,
      shipping: { method: random.pick(['standard', 'express', 'pick-up point']), cents: random.pick([0, 490, 990]) },
      voucher: random.chance(20) ? `WELCOME-${random.hex(6).toUpperCase()}` : null,
      giftWrap: random.chance(8),
      termsVersion: '2024-11',
      checkoutId: `chk_${random.hex(24)}`,
      paymentIntent: `pi_${random.hex(24)}`,
    },
  };
}

function options(random: Random): Readonly<Record<string, string>> {
  return { colour: random.pick(['sand', 'ink', 'moss', 'brick']), size: random.pick(['S', 'M', 'L', 'one size']) };
}
