/**
 * The context of callbacks in a library that runs them from a queue of its own, where Node knows only the context of
 * whoever made the library start on the queue.
 *
 * Each callback has an owner, an object that the library made when it was given the callback (a derived promise), and
 * runs in the context in which the owner was made. Nothing is called through a function of ours: the context is
 * changed before the callback and after it, so that no frame of ours is in its stack traces.
 */
import { activeContext, enterContext, ROOT_CONTEXT, type TraceContext } from '../../tracing/context';
import { createHiddenState } from './hidden-state';

/** A time in which the library, and not the app, is what runs between two callbacks. */
interface Section {
  /** What the section is ended with. */
  readonly key: object;
  /** What was active when it began. */
  readonly before: TraceContext;
  /** {@link TaskQueue.depth} in it, and in the section around it. */
  readonly depth: number;
  readonly outerDepth: number;
}

export class TaskQueue {
  private readonly contexts = createHiddenState<TraceContext>();
  /** Callbacks that run inside each other, by their owners, and what was active before each of them. */
  private readonly owners: object[] = [];
  private readonly before: TraceContext[] = [];
  private readonly sections: Section[] = [];
  /** How many callbacks were running when the innermost section began; -1 where there is none. */
  private depth = -1;

  /** Notes the active context as that of the owner. An owner that was never noted belongs to the root context. */
  created(owner: object): void {
    const context = activeContext();
    if (context !== ROOT_CONTEXT) this.contexts.set(owner, context);
  }

  /** Whether the owner was noted, in another context than the root one. */
  has(owner: object): boolean {
    return this.contexts.get(owner) !== undefined;
  }

  contextOf(owner: object): TraceContext {
    return this.contexts.get(owner) ?? ROOT_CONTEXT;
  }

  /** Called right before a callback of the owner. */
  callbackBegins(owner: object): void {
    this.before.push(this.turnTo(owner));
    this.owners.push(owner);
  }

  /**
   * Called right after it. Between callbacks the owner's context stays: the library now looks at what the callback
   * returned, and may call the app again for that (`then` of a thenable runs the query of a query builder).
   */
  callbackEnded(owner: object): void {
    const { owners } = this;
    // A callback that did not begin ends where the library's own calls are not in pairs.
    if (owners[owners.length - 1] !== owner) return;
    owners.pop();
    const before = this.before.pop();
    if (!this.isBetweenCallbacks && before !== undefined) switchTo(before);
  }

  /** From here on the library runs, not the app, until the section of the same key ends. */
  sectionBegins(key: object): void {
    const depth = this.owners.length;
    this.sections.push({ key, before: activeContext(), depth, outerDepth: this.depth });
    this.depth = depth;
  }

  /** What runs after the section, if anything, finds the context in which the section began. */
  sectionEnded(key: object): void {
    const { sections } = this;
    let at = sections.length - 1;
    while (at >= 0 && sections[at]?.key !== key) at--;
    const section = sections[at];
    if (section === undefined) return;
    sections.length = at;
    // Callbacks whose end was not seen (the app had used up the stack, say) are over now.
    this.owners.splice(section.depth);
    this.before.splice(section.depth);
    this.depth = section.outerDepth;
    switchTo(section.before);
  }

  /** Whether it is the library that runs now, and no callback of the app. */
  get isBetweenCallbacks(): boolean {
    return this.owners.length === this.depth;
  }

  /**
   * What runs now, up to the next callback, is on behalf of the owner.
   *
   * @returns what was active before
   */
  turnTo(owner: object): TraceContext {
    return switchTo(this.contextOf(owner));
  }
}

/**
 * What is active is asked for each time, although it is mostly known: the library may change it as well, as bluebird
 * does with its `asyncHooks`.
 */
function switchTo(context: TraceContext): TraceContext {
  const before = activeContext();
  if (before !== context) enterContext(context);
  return before;
}
