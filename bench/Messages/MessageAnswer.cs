using System.Buffers.Text;
using IotPlatform.Bench.Http2;

namespace IotPlatform.Bench.Messages;

/// <summary>The little that a caller needs of the answer to a message.</summary>
/// <param name="messageId">Of the message that was accepted; 0 where none was.</param>
/// <param name="error">Why it was refused; empty where it was not.</param>
internal readonly ref struct MessageAnswer(ulong messageId, ReadOnlySpan<byte> error)
{
    public ulong MessageId { get; } = messageId;

    public ReadOnlySpan<byte> Error { get; } = error;

    /// <summary>Reads a <c>DeviceMessage</c>.</summary>
    public static MessageAnswer Read(ReadOnlySpan<byte> message)
    {
        // message_id (3); what comes behind it is not looked at.
        var reader = new ProtoReader(message);
        while (reader.TryRead())
        {
            if (reader.Field == 3)
            {
                return new MessageAnswer(Utf8Parser.TryParse(reader.Bytes, out ulong id, out _) ? id : 0, default);
            }
        }

        return default;
    }

    /// <summary>Reads a <c>SendDeviceMessagesResponse</c>.</summary>
    public static MessageAnswer ReadOfStream(ReadOnlySpan<byte> response, out ulong correlationId)
    {
        // correlation_id (1), and either message (2) or error (3).
        correlationId = 0;
        var answer = default(MessageAnswer);
        var reader = new ProtoReader(response);
        while (reader.TryRead())
        {
            switch (reader.Field)
            {
                case 1:
                    correlationId = reader.Number;
                    break;
                case 2:
                    answer = Read(reader.Bytes);
                    break;
                case 3:
                    answer = new MessageAnswer(0, reader.Bytes);
                    break;
            }
        }

        return answer;
    }
}
