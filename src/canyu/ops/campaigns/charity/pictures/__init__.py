"""The pictures of stories: taken in through one gate, kept in the state folder, gone when a consent is."""
