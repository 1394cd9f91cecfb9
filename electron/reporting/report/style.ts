/** @file The style sheet of the report, light and dark. */

export const REPORT_CSS = `
:root{color-scheme:light dark;--wall:#f6f4f0;--surface:#fffefc;--sunken:#eeebe5;--line:#e2ded6;--ink:#1c1a17;--ink-2:#57524a;--ink-3:#6b655b;
--accent:#3a4cc4;--accent-soft:#e6e8f8;--second:#b2591a;--third:#57524a;--good:#1f7a4d;--good-soft:#e0f0e6;--bad:#b3362b;--bad-soft:#f9e5e1;--grid:#ebe7df}
@media screen and (prefers-color-scheme:dark){:root{--wall:#151412;--surface:#1d1c19;--sunken:#262420;--line:#33302b;--ink:#f2efe9;--ink-2:#b9b3a8;--ink-3:#a09a8f;
--accent:#98a5ff;--accent-soft:#2a2e4d;--second:#e8a35f;--third:#b9b3a8;--good:#73c797;--good-soft:#1e3529;--bad:#f2917f;--bad-soft:#43241f;--grid:#2b2925}}
*{box-sizing:border-box}
html{background:var(--wall);color:var(--ink);font:16px/1.55 'Inter Variable',Inter,ui-sans-serif,system-ui,-apple-system,'Segoe UI',sans-serif;
font-feature-settings:'cv11','ss03';-webkit-font-smoothing:antialiased}
body{margin:0 auto;max-width:1120px;padding:clamp(2rem,6vw,5rem) clamp(1.25rem,4vw,3rem) 6rem}
h1,h2,h3,p,figure,dl,dd,table,ul{margin:0;padding:0}
.eyebrow{font-size:.8125rem;color:var(--ink-3);letter-spacing:.01em;margin-bottom:2.5rem;display:flex;gap:.6rem;align-items:center}
.eyebrow::before{content:'';width:.65rem;height:.65rem;border-radius:50%;background:var(--accent)}
h1{font-size:clamp(2rem,5vw,3.1rem);line-height:1.1;letter-spacing:-.028em;font-weight:620;max-width:20ch;text-wrap:balance}
.lead{margin-top:1.25rem;font-size:1.125rem;color:var(--ink-2);max-width:60ch;text-wrap:pretty}
section{margin-top:clamp(3.5rem,8vw,5.5rem)}
h2{font-size:1.375rem;letter-spacing:-.015em;font-weight:600;margin-bottom:.4rem}
h2+p{color:var(--ink-2);max-width:66ch;margin-bottom:1.75rem;text-wrap:pretty}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,200px),1fr));gap:1.5rem 2rem;margin-top:3rem;padding-top:1.5rem;border-top:1px solid var(--line)}
dt{font-size:.8125rem;color:var(--ink-3)}
dd{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.card{background:var(--surface);border:1px solid var(--line);border-radius:14px;padding:1.5rem}
.compare{display:grid;gap:2rem;padding:2rem}
.side{display:grid;grid-template-columns:7rem 1fr auto;gap:1.25rem;align-items:center}
.side .share{font-size:1.75rem;font-weight:600;letter-spacing:-.02em;font-variant-numeric:tabular-nums;text-align:right;min-width:6.5rem}
.side small{display:block;font-size:.8125rem;font-weight:400;letter-spacing:0;color:var(--ink-3)}
.range{position:relative;height:30px;border-radius:6px;background:var(--sunken)}
.range i{position:absolute;top:9px;height:12px;border-radius:6px;background:var(--third);opacity:.3}
.range b{position:absolute;top:4px;width:4px;height:22px;margin-left:-2px;border-radius:2px;background:var(--third)}
.side.tuned .range i,.side.tuned .range b{background:var(--accent)}
.side.tuned .share{color:var(--accent)}
.scale{display:flex;justify-content:space-between;font-size:.75rem;color:var(--ink-3);font-variant-numeric:tabular-nums;margin-top:-1.25rem;padding:0 7.75rem 0 8.25rem}
.arms{gap:1.1rem}.arms .side{grid-template-columns:11rem 1fr auto}.arms .share{font-size:1.125rem}.arms .scale{margin-top:-.5rem;padding:0 7.75rem 0 12.25rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:1.25rem}
figure h3,.sample h3,h3{font-size:1rem;font-weight:600}
figcaption{font-size:.8125rem;color:var(--ink-3);margin:.15rem 0 .9rem;min-height:2.6em}
svg{display:block;width:100%;height:auto;font-variant-numeric:tabular-nums}
svg .grid{stroke:var(--grid);stroke-width:1}
svg .tick{font-size:11px;fill:var(--ink-3)}
.legend{display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;list-style:none;font-size:.8125rem;color:var(--ink-2);margin-top:.6rem}
.legend li::before{content:'';display:inline-block;width:.9rem;height:0;border-top:2px solid var(--c);vertical-align:.28em;margin-right:.45rem}
.legend li.dashed::before{border-top-style:dashed}
.samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:1.25rem;align-items:start}
.sample{padding:0;overflow:hidden;display:flex;flex-direction:column}
.sample .picture{background:var(--sunken);display:flex;justify-content:center;align-items:center;height:236px;padding:18px}
.sample img{width:100%;height:100%;object-fit:contain}
.sample .text{padding:1.25rem 1.4rem 1.4rem;display:grid;gap:.9rem}
.question{font-weight:500;overflow-wrap:anywhere}
.reference{font-size:.875rem;color:var(--ink-2)}
.answer{border-top:1px solid var(--line);padding-top:.8rem;font-size:.875rem}
.answer header{display:flex;justify-content:space-between;gap:1rem;color:var(--ink-3);font-size:.8125rem;margin-bottom:.3rem}
.answer p{font:0.8125rem/1.5 'JetBrains Mono Variable',ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;max-height:11rem;overflow:auto;color:var(--ink-2)}
.verdict{border-radius:99px;padding:.05rem .6rem;font-weight:500}
.verdict.correct{background:var(--good-soft);color:var(--good)}
.verdict.wrong,.verdict.unparsed{background:var(--bad-soft);color:var(--bad)}
.by{font-size:.75rem;color:var(--ink-3)}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9375rem}
th{text-align:left;font-weight:500;color:var(--ink-3);font-size:.8125rem}
th,td{padding:.65rem 1rem .65rem 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td,tr:last-child th{border-bottom:0}
td.number,th.number{text-align:right;white-space:nowrap}
.scroll{overflow-x:auto}.card>p+p{margin-top:.6rem}.card>p+.scroll{margin-top:1.25rem}.scroll+figure{margin-top:2.25rem}.scroll+details{margin-top:.5rem}
code,pre{font:0.8125rem/1.6 'JetBrains Mono Variable',ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;margin:1rem 0 0;color:var(--ink-2)}
details{border-top:1px solid var(--line);padding:1rem 0}
details:last-child{padding-bottom:0}
summary{cursor:pointer;font-weight:500}
summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}
.authors{columns:3 14rem;column-gap:2rem;list-style:none;font-size:.8125rem;color:var(--ink-2);margin-top:.75rem}
.empty{color:var(--ink-3);font-size:.875rem}
footer{margin-top:5rem;padding-top:1.5rem;border-top:1px solid var(--line);font-size:.8125rem;color:var(--ink-3)}
@media (max-width:640px){.side{grid-template-columns:1fr auto;gap:.5rem 1rem}.side .range{grid-column:1/-1;order:3}.scale,.arms .scale{padding:0}.compare{padding:1.5rem}.arms .side{grid-template-columns:1fr auto}}
@page{margin:14mm}
@media print{:root{color-scheme:light}html{background:#fff;font-size:12px}body{max-width:none;padding:0}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
section{margin-top:2.5rem}.facts{margin-top:1.5rem}.charts{grid-template-columns:1fr 1fr}.samples{grid-template-columns:1fr 1fr}.card,figure,.sample,tr{break-inside:avoid}h2,h2+p{break-after:avoid}
.answer p{max-height:none;overflow:visible}.scroll{overflow:visible}details::details-content{display:block;content-visibility:visible}}
`;
