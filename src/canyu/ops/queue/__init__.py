"""Work that is done beside the pages: jobs asked for once, and rounds that come again; both leased, neither lost."""
