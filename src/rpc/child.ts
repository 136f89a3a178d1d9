// Entry of dist/engine.js: the engine in a process of its own, started and stopped by the client (client.ts).
import { keepCompiledCode } from '../code-cache';
import { createEngine } from '../engine/create-engine';
import { serve } from './server';

keepCompiledCode();
serve(createEngine());
