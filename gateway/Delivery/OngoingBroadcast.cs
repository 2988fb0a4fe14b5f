using IotPlatform.Broadcasts;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>
/// A lasting broadcast at one shard, from when it came until its root says that it is forgotten: how many have it, who waits for his turn, and what is to be noted of
/// devices. Written to in the turns of its product; acknowledged from anywhere.
/// </summary>
internal sealed class OngoingBroadcast
{
    /// <summary>Notes in one answer.</summary>
    private const int NotesInAnAnswer = 1_000;

    private readonly Lock _gate = new();
    private readonly Queue<DeviceNote> _notes = new();
    private readonly Queue<(MqttConnection Connection, bool IsLate)> _line = new();
    private readonly List<ulong> _reached = [];
    private readonly TimeProvider _time;
    private BroadcastTally _tally;
    private long _firstNote;
    private long _awaited;
    private bool _isOver;

    public OngoingBroadcast(BroadcastMessage message, TimeProvider time)
    {
        _time = time;
        Message = message;
        Frame = new BroadcastFrame(message, time, this);
        FollowedAt = time.GetUtcNow();
    }

    public BroadcastMessage Message { get; }

    public BroadcastFrame Frame { get; }

    /// <summary>Held by whoever tells which devices have had it.</summary>
    public SemaphoreSlim Telling { get; } = new(1);

    /// <summary>When its root has asked for it last.</summary>
    public DateTimeOffset FollowedAt { get; set; }

    /// <summary>Whether its receivers wait in line for their turn.</summary>
    public bool HasRate => Message.MaxRate > 0;

    /// <summary>Whether devices that come online get it too.</summary>
    public bool IsForThoseWhoCome => Message.ExpiresAt > _time.GetUtcNow() && !Frame.IsExpired && !Volatile.Read(ref _isOver);

    /// <summary>A connection is to be written to when it is its turn.</summary>
    public void PutInLine(MqttConnection connection)
    {
        lock (_gate)
        {
            _line.Enqueue((connection, IsLate: false));
            _tally = _tally with { Targeted = _tally.Targeted + 1, Waiting = _tally.Waiting + 1 };
        }
    }

    /// <summary>A connection that has come later is to be written to when it is its turn.</summary>
    public void PutInLineLate(MqttConnection connection)
    {
        lock (_gate)
        {
            _line.Enqueue((connection, IsLate: true));
            _tally = _tally with { Waiting = _tally.Waiting + 1 };
        }
    }

    /// <summary>All connections of the shard have been gone through.</summary>
    public void PassedBy(in BroadcastTally tally)
    {
        lock (_gate)
        {
            _tally += tally;
        }
    }

    /// <summary>A device was written to, or was not.</summary>
    public void Tried(Session session, bool isWritten)
    {
        if (Message.QoS > 0)
        {
            if (!isWritten)
            {
                Note(session, hasAcknowledged: false);
            }
        }
        else if (isWritten)
        {
            lock (_gate)
            {
                ReachedLocked(session);
            }
        }
    }

    /// <summary>A device that came later was written to, or was not: then it is not counted, and gets it when it comes the next time, at QoS 1.</summary>
    public void TriedLate(bool isWritten)
    {
        if (isWritten)
        {
            lock (_gate)
            {
                _tally = _tally with { Late = _tally.Late + 1 };
            }
        }
    }

    /// <summary>These devices have had it.</summary>
    public void Reached(IEnumerable<ulong> hashes)
    {
        lock (_gate)
        {
            _reached.AddRange(hashes);
        }
    }

    /// <summary>The devices that have had it since this was asked last.</summary>
    public ulong[] TakeReached()
    {
        lock (_gate)
        {
            if (_reached.Count == 0)
            {
                return [];
            }

            ulong[] reached = [.. _reached];
            _reached.Clear();
            return reached;
        }
    }

    /// <summary>Writes to as many as may be written to now.</summary>
    public void WriteToThoseInLine(int quota)
    {
        Frame.Refresh();
        while (quota-- > 0 && TryTakeNext(out var connection, out var isLate))
        {
            var session = connection.Session!;
            var isWritten = connection.Peer is { } peer && session.Peer == peer && session.TryBroadcast(peer, Frame, isRepeated: isLate);
            if (isLate)
            {
                TriedLate(isWritten);
            }
            else
            {
                Tried(session, isWritten);
            }

            lock (_gate)
            {
                _tally = isLate ? _tally with { Waiting = _tally.Waiting - 1 }
                    : isWritten ? _tally with { Waiting = _tally.Waiting - 1, Written = _tally.Written + 1 }
                    : _tally with { Waiting = _tally.Waiting - 1, Dropped = _tally.Dropped + 1 };
            }
        }
    }

    /// <summary>A copy was written because it is retried.</summary>
    public void WrittenAgain()
    {
        lock (_gate)
        {
            _tally = _tally with { Retried = _tally.Retried + 1 };
        }
    }

    /// <summary>A copy is on its way that is to be acknowledged, or could not be written after all.</summary>
    public void Await(int change) => Interlocked.Add(ref _awaited, change);

    /// <summary>A device has acknowledged.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="isRepeated">It may have been noted before as one that has not.</param>
    public void Acknowledged(Session session, bool isRepeated)
    {
        Interlocked.Decrement(ref _awaited);
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            // At once: whoever is counted is among those that are told of.
            _tally = _tally with { Acknowledged = _tally.Acknowledged + 1 };
            ReachedLocked(session);
        }

        if (isRepeated)
        {
            Note(session, hasAcknowledged: true);
        }
    }

    /// <summary>A device's connection has ended before it acknowledged.</summary>
    public void Lost(Session session)
    {
        Interlocked.Decrement(ref _awaited);
        Note(session, hasAcknowledged: false);
    }

    /// <summary>The devices that have acknowledged it, among those of which that is not kept yet.</summary>
    public HashSet<string> AcknowledgedOfLate()
    {
        lock (_gate)
        {
            return [.. _notes.Where(static note => note.HasAcknowledged).Select(static note => note.DeviceName)];
        }
    }

    /// <summary>Nobody is written to any more, and nobody waited for.</summary>
    /// <param name="connections">The connections of its product.</param>
    public void End(ReadOnlySpan<MqttConnection> connections)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
            _line.Clear();
        }

        foreach (var connection in connections)
        {
            if (connection.Session is { } session && session.IsAwaiting(Frame))
            {
                Enqueue(session, hasAcknowledged: false);
            }
        }
    }

    /// <summary>How far it is.</summary>
    /// <param name="notesKept">How many of its notes are kept by now.</param>
    public BroadcastProgress Progress(long notesKept)
    {
        lock (_gate)
        {
            while (_firstNote < notesKept && _notes.TryDequeue(out _))
            {
                _firstNote++;
            }

            return new BroadcastProgress(
                Message.MessageId,
                IsKnown: true,
                _tally,
                _isOver ? 0 : Interlocked.Read(ref _awaited),
                _firstNote,
                [.. _notes.Take(NotesInAnAnswer)],
                _notes.Count > NotesInAnAnswer);
        }
    }

    private void ReachedLocked(Session session)
    {
        if (Message.ExpiresAt is not null)
        {
            _reached.Add(IReachedDevicesGrain.HashOf(session.Device.DeviceName));
        }
    }

    private bool TryTakeNext(out MqttConnection connection, out bool isLate)
    {
        lock (_gate)
        {
            var isThere = _line.TryDequeue(out var next);
            (connection, isLate) = next;
            return isThere;
        }
    }

    private void Note(Session session, bool hasAcknowledged)
    {
        if (!Volatile.Read(ref _isOver))
        {
            Enqueue(session, hasAcknowledged);
        }
    }

    private void Enqueue(Session session, bool hasAcknowledged)
    {
        lock (_gate)
        {
            _notes.Enqueue(new DeviceNote(session.Device.DeviceName, hasAcknowledged));
        }
    }
}
