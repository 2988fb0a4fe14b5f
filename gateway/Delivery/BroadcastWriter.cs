using IotPlatform.Broadcasts;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>
/// Writes broadcasts to connections: for each connection all that concern it in one send. Those with a rate it puts in line. Allocates nothing a delivery.
/// </summary>
/// <param name="frames">The broadcasts, in their order.</param>
internal sealed class BroadcastWriter(BroadcastFrame[] frames)
{
    /// <summary>Connections whose objects fit into a core's own cache, with all that the kernel needs for a send.</summary>
    private const int LookedAtTogether = 16;

    private readonly bool _areForAll = Array.TrueForAll(frames, static frame => frame.IsForAll);
    private readonly BroadcastFrame[] _concerned = new BroadcastFrame[frames.Length];
    private readonly int[] _places = new int[frames.Length];
    private readonly bool[] _written = new bool[frames.Length];
    private readonly BroadcastTally[] _tallies = new BroadcastTally[frames.Length];

    /// <summary>Connections that all of the broadcasts were written to.</summary>
    private long _completed;

    /// <summary>Writes to connections until so many of them have been sent to.</summary>
    /// <returns>How many of the connections it got to.</returns>
    public int Write(ReadOnlySpan<MqttConnection> connections, int sendsMax)
    {
        foreach (var frame in frames)
        {
            frame.Refresh();
        }

        var sends = 0;
        for (var i = 0; i < connections.Length; i++)
        {
            if (sends >= sendsMax)
            {
                return i;
            }

            if (i % LookedAtTogether == 0)
            {
                LookAt(connections.Slice(i, Math.Min(LookedAtTogether, connections.Length - i)));
            }

            var connection = connections[i];
            if (connection.Session is not { } session || connection.Peer is not { } peer || session.Peer != peer)
            {
                // Not online: CONNACK is still to come, or a newer connection has taken its place.
                continue;
            }

            if (_areForAll && connection.Missed is null)
            {
                WriteAll(session, peer);
                sends++;
                continue;
            }

            // What it has missed while it was away comes first.
            connection.Missed?.Write();
            var count = Concerned(connection, session);
            if (count > 0)
            {
                var written = _written.AsSpan(0, count);
                session.Broadcast(peer, _concerned.AsSpan(0, count), written);
                CountUp(session, written);
                sends++;
            }
        }

        return connections.Length;
    }

    /// <summary>What has become of each broadcast.</summary>
    public BroadcastTally[] Tally()
    {
        foreach (ref var tally in _tallies.AsSpan())
        {
            tally = tally with { Targeted = tally.Targeted + _completed, Written = tally.Written + _completed };
        }

        _completed = 0;
        return _tallies;
    }

    // The first look at an object waits for memory, and no cache holds those of ten thousand connections: several connections' are looked at one right after the
    // other, so that the waits run side by side instead of each before a send. That is a twelfth of what a broadcast to many costs.
    private static void LookAt(ReadOnlySpan<MqttConnection> connections)
    {
        foreach (var connection in connections)
        {
            _ = connection.Peer;
        }

        foreach (var connection in connections)
        {
            _ = connection.Session?.Peer;
            _ = connection.Connection.Tap;
        }

        foreach (var connection in connections)
        {
            _ = connection.Session?.DeviceName.Length;
        }
    }

    private void WriteAll(Session session, SessionPeer peer)
    {
        if (session.Broadcast(peer, frames, _written) == frames.Length)
        {
            _completed++;
            return;
        }

        for (var i = 0; i < frames.Length; i++)
        {
            CountUp(i, _written[i]);
        }
    }

    private int Concerned(MqttConnection connection, Session session)
    {
        var count = 0;
        for (var i = 0; i < frames.Length; i++)
        {
            var frame = frames[i];
            if (!frame.Concerns(session) || connection.Missed?.Has(frame) == true)
            {
                continue;
            }

            if (frame.Ongoing is { HasRate: true } ongoing)
            {
                ongoing.PutInLine(connection);
                continue;
            }

            _concerned[count] = frame;
            _places[count++] = i;
        }

        return count;
    }

    private void CountUp(Session session, ReadOnlySpan<bool> written)
    {
        for (var i = 0; i < written.Length; i++)
        {
            CountUp(_places[i], written[i]);
            _concerned[i].Ongoing?.Tried(session, written[i]);
        }
    }

    private void CountUp(int place, bool isWritten)
    {
        ref var tally = ref _tallies[place];
        tally = isWritten
            ? tally with { Targeted = tally.Targeted + 1, Written = tally.Written + 1 }
            : tally with { Targeted = tally.Targeted + 1, Dropped = tally.Dropped + 1 };
    }
}
