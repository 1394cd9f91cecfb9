/** @file The entry point of the page. */
import './no-eval.ts';
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import { mount } from 'svelte';
import './ui/style/tokens.css';
import './ui/style/base.css';
import { askDesktop } from './api/desktop.ts';
import { useStudio } from './api/studio.svelte.ts';
import App from './shell/App.svelte';
import { router } from './navigation/router.svelte.ts';
import { accent } from './ui/state/accent.svelte.ts';
import { language } from './messages/language.ts';
import { learnLanguage } from './messages/said.ts';
import { theme } from './ui/state/theme.svelte.ts';

document.documentElement.lang = language;
// The desktop app hands the page its port only once, and not after a wait: somebody must listen already.
useStudio();
await learnLanguage();
theme.start();
void accent.start();
void askDesktop({ ask: 'language', language });
router.start();

const target = document.querySelector('#app');
if (target === null) throw new Error('index.html has no #app.');
mount(App, { target });
