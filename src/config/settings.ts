/**
 * The settings table: one row per setting with its variables in order of precedence, its parser, default and help.
 * Loading, check-config, the tables of docs/settings.md and what counts as a known variable all derive from it.
 */
import type { Picked, Setting } from './setting';
import { CAPTURE } from './table/capture';
import { EXPORT } from './table/export';
import { GENERAL } from './table/general';
import { VENDORS } from './table/vendors';

export const SETTINGS = { ...GENERAL, ...CAPTURE, ...EXPORT, ...VENDORS };

export type SettingId = keyof typeof SETTINGS;
type ValueOf<Row> = Row extends Setting<infer T> ? T : never;

/** Each setting's value in effect. */
export type Values = { readonly [Id in SettingId]: Picked<ValueOf<(typeof SETTINGS)[Id]>> };

/** The rows in the order of the table, for whoever treats them all alike. */
export const ROWS = Object.entries(SETTINGS) as [SettingId, Setting<unknown>][];
