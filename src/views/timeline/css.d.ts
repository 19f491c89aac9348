/** Style sheets that a module imports are put together into the page's one. */
declare module '*.css';
