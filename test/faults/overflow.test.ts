import { test } from 'node:test';
import { driveOverflow } from './overflow';

test('a stack overflow stays catchable, and tracing goes on afterwards', () => driveOverflow());
