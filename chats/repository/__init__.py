"""The verbs over chats and messages: each one transaction, each transition a conditional update.

asking: rows for a prompt and its reply, and the ticket on commit. work: what a worker does with a reply. ending: what
anybody else does to it (cancel, time out, delete). lookup: finding what belongs to a user. The other rooms are further
verbs by their names, or a part of one of these: admission, appending, starting and work_request of asking.
"""
