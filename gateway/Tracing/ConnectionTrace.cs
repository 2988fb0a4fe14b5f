using System.Collections.Immutable;
using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Orders;
using IotPlatform.Transport;

namespace IotPlatform.Tracing;

/// <summary>Notes the packets of one connection for the traces that it concerns. Exists only while there are any.</summary>
/// <param name="client">Whose connection it is.</param>
/// <param name="version">The version it speaks.</param>
/// <param name="traces">The traces.</param>
/// <param name="time">The clock.</param>
internal sealed class ConnectionTrace(TracedClient client, ProtocolVersion version, ImmutableArray<ActiveTrace> traces, TimeProvider time) : IConnectionTap
{
    // Topics by the aliases that they were sent with, since the trace began.
    private readonly Dictionary<int, string> _aliases = [];

    /// <summary>Called under the lock that keeps the order of what is sent.</summary>
    public void Sent(ReadOnlySpan<byte> packets, SendOutcome outcome)
    {
        while (Frame.TryRead(packets, int.MaxValue, out var header) == FrameStatus.Complete)
        {
            var note = PacketNote.Read(header, packets.Slice(header.HeaderLength, header.BodyLength), version, Sender.Server);
            if (note.TopicAlias != 0)
            {
                if (note.Topic.Length > 0)
                {
                    _aliases[note.TopicAlias] = note.Topic;
                }
                else
                {
                    note = note with { Topic = _aliases.GetValueOrDefault(note.TopicAlias, "") };
                }
            }

            Note(TraceStep.Sent, note with { Outcome = outcome == SendOutcome.Sent ? note.Outcome : outcome.ToString() });
            packets = packets[header.TotalLength..];
        }
    }

    /// <summary>The client has sent a packet.</summary>
    public void Received(in PacketNote note) => Note(TraceStep.Received, note);

    /// <summary>Messages for the client, or from it, do not go on.</summary>
    public void Dropped(string reason, ReadOnlySpan<byte> topic, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Note(TraceStep.Dropped, new PacketNote(PacketType.Publish, 0, Encoding.UTF8.GetString(topic), QoS.AtMostOnce, 0, reason));
        }
    }

    /// <summary>The connection is gone.</summary>
    public void Closed() => Note(TraceStep.Closed, new PacketNote(default, 0, "", QoS.AtMostOnce, 0, ""));

    private void Note(TraceStep step, in PacketNote note)
    {
        var noted = default(TraceEvent);
        foreach (var trace in traces)
        {
            if (trace.Wants(note.Packet == PacketType.Publish, note.Topic))
            {
                trace.Add(noted ??= EventOf(step, note));
            }
        }
    }

    private TraceEvent EventOf(TraceStep step, in PacketNote note) => new(
        Number: 0,
        time.GetUtcNow(),
        client.ConnectionId,
        client.Device,
        client.ClientId,
        client.Address.ToString() ?? "",
        step,
        note.Packet == default ? "" : note.Packet.ToString().ToUpperInvariant(),
        note.PacketId,
        note.Topic,
        (int)note.QoS,
        note.Bytes,
        note.Outcome);
}
