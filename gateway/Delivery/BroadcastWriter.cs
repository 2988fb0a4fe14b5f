using IotPlatform.Broadcasts;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>
/// Writes broadcasts to connections: for each connection all that concern it in one send. Those with a rate it puts in line. Allocates nothing a delivery.
/// </summary>
/// <param name="frames">The broadcasts, in their order.</param>
internal sealed class BroadcastWriter(BroadcastFrame[] frames)
{
    private readonly BroadcastFrame[] _concerned = new BroadcastFrame[frames.Length];
    private readonly int[] _places = new int[frames.Length];
    private readonly bool[] _written = new bool[frames.Length];

    /// <summary>What has become of each broadcast.</summary>
    public BroadcastTally[] Tallies { get; } = new BroadcastTally[frames.Length];

    /// <summary>Writes to connections until so many copies have been written.</summary>
    /// <returns>How many of the connections it got to.</returns>
    public int Write(ReadOnlySpan<MqttConnection> connections, int copiesMax)
    {
        foreach (var frame in frames)
        {
            frame.Refresh();
        }

        var copies = 0;
        for (var i = 0; i < connections.Length; i++)
        {
            if (copies >= copiesMax)
            {
                return i;
            }

            var connection = connections[i];
            if (connection.Session is not { } session || connection.Peer is not { } peer || session.Peer != peer)
            {
                // Not online: CONNACK is still to come, or a newer connection has taken its place.
                continue;
            }

            // What it has missed while it was away comes first.
            connection.Missed?.Write();
            var count = Concerned(connection, session);
            if (count > 0)
            {
                var written = _written.AsSpan(0, count);
                written.Clear();
                session.Broadcast(peer, _concerned.AsSpan(0, count), written);
                CountUp(session, written);
                copies += count;
            }
        }

        return connections.Length;
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
            ref var tally = ref Tallies[_places[i]];
            tally = written[i]
                ? tally with { Targeted = tally.Targeted + 1, Written = tally.Written + 1 }
                : tally with { Targeted = tally.Targeted + 1, Dropped = tally.Dropped + 1 };
            _concerned[i].Ongoing?.Tried(session, written[i]);
        }
    }
}
