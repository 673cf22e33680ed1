-- A link may be opened in a pop-up window. Its result page reports to the page of exactly this origin.
ALTER TABLE connect_sessions ADD COLUMN opener_origin text;
