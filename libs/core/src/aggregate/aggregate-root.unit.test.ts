import { describe, expect, it } from '@jest/globals';
import { AggregateRoot, type AppliedEvent, type RecordedEvent } from '../index.ts';

class Requirement extends AggregateRoot {
  readonly aggregateType = 'Requirement';
  status = 'draft';
  reviewers: string[] = [];

  approve(by: string): void {
    if (this.status === 'approved') throw new Error('is approved already');
    this.apply('RequirementApproved', { by }, { userId: by });
  }

  protected when(event: AppliedEvent): void {
    if (event.type === 'RequirementApproved') {
      this.status = 'approved';
      this.reviewers.push((event.data as { by: string }).by);
    }
    if (event.type === 'RequirementReopened') this.status = 'draft';
  }
}

const stored = (type: string, version: number, data: unknown = {}): RecordedEvent =>
  ({ type, version, data, aggregateType: 'Requirement', aggregateId: 'r1' }) as RecordedEvent;

const history = [
  stored('RequirementCreated', 1),
  stored('RequirementApproved', 2, { by: 'ada' }),
  stored('RequirementReopened', 3),
];

describe('an aggregate as a class', () => {
  it('raises events that it follows at once', () => {
    const requirement = new Requirement('r1');
    requirement.approve('ada');
    expect(requirement.status).toBe('approved');
    expect(requirement.getDomainEvents()).toEqual([
      {
        type: 'RequirementApproved',
        data: { by: 'ada' },
        userId: 'ada',
        aggregateType: 'Requirement',
        aggregateId: 'r1',
        expectedVersion: 'none',
      },
    ]);
    expect(() => requirement.approve('bob')).toThrow('is approved already');
  });

  it('is rebuilt from its events, and expects their version for the next ones', () => {
    const requirement = Requirement.fromEvents(history);
    expect([requirement.id, requirement.version, requirement.status, requirement.reviewers]).toEqual([
      'r1',
      3,
      'draft',
      ['ada'],
    ]);
    requirement.approve('bob');
    expect(requirement.getDomainEvents()).toMatchObject([{ expectedVersion: 3 }]);
  });

  it('counts raised events as stored once they are cleared', () => {
    const requirement = Requirement.fromEvents(history);
    requirement.approve('bob');
    expect(requirement.version).toBe(3);
    requirement.clearDomainEvents();
    expect([requirement.version, requirement.getDomainEvents()]).toEqual([4, []]);
  });

  it('is the same from a snapshot and the events behind it', () => {
    const whole = Requirement.fromEvents(history);
    for (let taken = 1; taken <= 3; taken++) {
      const snapshot = Requirement.fromEvents(history.slice(0, taken)).getSnapshot();
      const kept = JSON.parse(JSON.stringify(snapshot)) as typeof snapshot;
      const rebuilt = Requirement.fromSnapshotAndEvents(kept, history);
      expect(rebuilt).toBeInstanceOf(Requirement);
      expect([rebuilt.version, rebuilt.status, rebuilt.reviewers]).toEqual([
        whole.version,
        whole.status,
        whole.reviewers,
      ]);
    }
  });

  it('takes no snapshot of what may yet be refused, and shares nothing with one', () => {
    const requirement = Requirement.fromEvents(history);
    const snapshot = requirement.getSnapshot();
    expect(snapshot).toEqual({ id: 'r1', version: 3, state: { status: 'draft', reviewers: ['ada'] } });
    requirement.approve('bob');
    expect(() => requirement.getSnapshot()).toThrow(/published and cleared/);
    expect(snapshot.state).toEqual({ status: 'draft', reviewers: ['ada'] });
  });

  it('needs an id', () => {
    expect(() => new Requirement('')).toThrow(/id must not be empty/);
    expect(() => Requirement.fromEvents([])).toThrow(/id must be given/);
    expect(Requirement.fromEvents([], 'r2').version).toBe(0);
  });
});
