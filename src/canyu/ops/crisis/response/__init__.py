"""What is done in a crisis beside statements: rebuttal plans, goodwill, whether opinion turned, the retrospective."""
