import { expect, test } from 'vitest';
import { openStore } from '../open-store.ts';
import type { Write } from '../store.ts';
import { createPerson, now, sampleClient, sampleLogEvent, sampleTransaction, sampleUser } from './samples.ts';
import type { Subject } from './subject.ts';

export function databaseTests(subject: Subject): void {
  test('a unit that fails writes nothing, and its neighbours of the same turn are kept', async () => {
    const { store } = subject;
    const { user: existing } = await createPerson(store);
    const [before, lost, after] = [sampleUser(), sampleUser(), sampleUser()] as const;
    const [first, failed, last] = await Promise.allSettled([
      store.write(store.users.create(before)),
      store.writeAll([store.users.create(lost), store.users.create(existing), store.users.create(sampleUser())]),
      store.writeAll([store.users.create(after), store.logs.create(sampleLogEvent())]),
    ]);
    expect(first).toEqual({ status: 'fulfilled', value: before });
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } });
    expect(last).toEqual({ status: 'fulfilled', value: [after, undefined] });
    expect(await store.users.find(before.id)).toEqual(before);
    expect(await store.users.find(lost.id)).toBeUndefined();
    expect(await store.users.find(after.id)).toEqual(after);
  });

  test('what `read` rejects is undone', async () => {
    const { store } = subject;
    const user = sampleUser();
    const refused: Write<void> = {
      ...store.logs.create(sampleLogEvent()),
      mayConflict: true,
      read: () => {
        throw new Error('refused');
      },
    };
    await expect(store.writeAll([store.users.create(user), refused])).rejects.toThrow('refused');
    expect(await store.users.find(user.id)).toBeUndefined();
  });

  test('results come in the order of the writes', async () => {
    const { store } = subject;
    const [first, second] = [sampleTransaction(), sampleTransaction()] as const;
    await store.write(store.transactions.create(first));
    const results = await store.writeAll([
      store.transactions.take(second.stateHash),
      store.transactions.create(second),
      store.transactions.take(first.stateHash),
      store.transactions.take(second.stateHash),
    ]);
    expect(results).toEqual([undefined, undefined, first, second]);
    expect(await store.writeAll([])).toEqual([]);
  });

  test('a second store on the same database sees what was written', async () => {
    const { store, url } = subject;
    const user = sampleUser();
    await store.write(store.users.create(user));
    const other = await openStore({ url });
    expect(await other.users.find(user.id)).toEqual(user);
    await other.close();
  });

  test('stores that open at the same time migrate once', async () => {
    const url = await subject.createUrl();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ url })));
    await Promise.all(stores.map((store) => store.ping()));
    await Promise.all(stores.map((store) => store.close()));
  });

  test('exclusive work of one name never overlaps, also between two stores', async () => {
    const { store, url } = subject;
    const other = await openStore({ url });
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 3));
      running -= 1;
    };
    await Promise.all(
      Array.from({ length: 5 }, () => [store.exclusively('one', work), other.exclusively('one', work)]).flat(),
    );
    expect(most).toBe(1);
    await other.close();
  });

  test('exclusive work of different names runs together, passes on its result, and frees its name when it fails', async () => {
    const { store } = subject;
    const nested = await store.exclusively('outer', () => store.exclusively('inner', async () => 'result'));
    expect(nested).toBe('result');
    const failing = store.exclusively('outer', async () => {
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(await store.exclusively('outer', async () => 1)).toBe(1);
  });

  test('a configuration write has called the listeners when it is answered; others do not call them', async () => {
    const { store } = subject;
    let calls = 0;
    store.onConfigurationChanged(() => {
      calls += 1;
      throw new Error('a bug of a listener');
    });
    await store.write(store.users.create(sampleUser()));
    expect(calls).toBe(0);
    await store.write(store.clients.create(sampleClient()));
    expect(calls).toBe(1);
    await store.writeAll([store.logs.create(sampleLogEvent()), store.clients.create(sampleClient())]);
    expect(calls).toBe(2);
    expect(subject.errors.map(String)).toContain('Error: a bug of a listener');
  });

  test('another store hears of changed configuration', async () => {
    const { store, url } = subject;
    const other = await openStore({ url });
    const heard = new Promise<void>((resolve) => other.onConfigurationChanged(resolve));
    await store.write(store.clients.create(sampleClient()));
    await heard;
    await other.close();
  });

  test('closing keeps what was enqueued; a closed store is unavailable', async () => {
    const { store, url } = subject;
    const other = await openStore({ url });
    const user = sampleUser();
    const written = other.write(other.users.create(user));
    await other.close();
    expect(await written).toEqual(user);
    expect(await store.users.find(user.id)).toEqual(user);
    await expect(other.users.find(user.id)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(other.write(other.users.create(sampleUser()))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(other.ping()).rejects.toMatchObject({ code: 'unavailable' });
    await other.close();
  });

  test('times keep their milliseconds', async () => {
    const { store } = subject;
    const event = sampleLogEvent({ at: now });
    await store.write(store.logs.create(event));
    expect((await store.logs.find(event.id))?.at.getMilliseconds()).toBe(123);
  });
}
