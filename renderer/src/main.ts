/** @file Start of the page. */
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import { mount } from 'svelte';
import { z } from 'zod';
import './ui/tokens.css';
import './ui/base.css';
import App from './App.svelte';
import { router } from './ui/router.svelte.ts';
import { theme } from './ui/theme.svelte.ts';

// The content security policy forbids code made from text, which zod would otherwise try.
z.config({ jitless: true });
theme.start();
router.start();

const target = document.querySelector('#app');
if (target === null) throw new Error('index.html has no #app.');
mount(App, { target });
