using IotPlatform.Broadcasts;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>Writes broadcasts to connections: for each connection all that concern it in one send. Allocates nothing a delivery.</summary>
internal static class BroadcastWriter
{
    public static void Write(ReadOnlySpan<MqttConnection> connections, BroadcastFrame[] frames, BroadcastTally[] tallies)
    {
        var concerned = new BroadcastFrame[frames.Length];
        var places = new int[frames.Length];
        var written = new bool[frames.Length];
        foreach (var connection in connections)
        {
            if (connection.Session is not { } session || connection.Peer is not { } peer || session.Peer != peer)
            {
                // Not online: CONNACK is still to come, or a newer connection has taken its place.
                continue;
            }

            var count = Concerned(session, frames, concerned, places);
            if (count > 0)
            {
                written.AsSpan(0, count).Clear();
                session.Broadcast(peer, concerned.AsSpan(0, count), written.AsSpan(0, count));
                CountUp(tallies, places.AsSpan(0, count), written);
            }
        }
    }

    private static int Concerned(Session session, BroadcastFrame[] frames, BroadcastFrame[] concerned, int[] places)
    {
        var count = 0;
        for (var i = 0; i < frames.Length; i++)
        {
            if (frames[i].Topic is { } topic && !session.IsSubscribedTo(topic))
            {
                continue;
            }

            concerned[count] = frames[i];
            places[count++] = i;
        }

        return count;
    }

    private static void CountUp(BroadcastTally[] tallies, ReadOnlySpan<int> places, bool[] written)
    {
        for (var i = 0; i < places.Length; i++)
        {
            ref var tally = ref tallies[places[i]];
            tally = written[i]
                ? tally with { Targeted = tally.Targeted + 1, Written = tally.Written + 1 }
                : tally with { Targeted = tally.Targeted + 1, Dropped = tally.Dropped + 1 };
        }
    }
}
