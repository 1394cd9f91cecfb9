/** @file Start of the page. */
import './no-eval.ts';
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import { mount } from 'svelte';
import './ui/tokens.css';
import './ui/base.css';
import App from './App.svelte';
import { router } from './shell/router.svelte.ts';
import { theme } from './shell/theme.svelte.ts';

theme.start();
router.start();

const target = document.querySelector('#app');
if (target === null) throw new Error('index.html has no #app.');
mount(App, { target });
