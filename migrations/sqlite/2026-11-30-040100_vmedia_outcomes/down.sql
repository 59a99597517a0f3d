DROP TABLE vmedia_outcomes;
