using Npgsql;

namespace IotPlatform.Storage.Postgres;

/// <summary>Messages, an array a column, in the order of the statement's.</summary>
internal sealed class MessageColumns(int length)
{
    private readonly long[] _deviceKeys = new long[length];
    private readonly long[] _sequences = new long[length];
    private readonly long[] _sequencesNamed = new long[length];
    private readonly string[] _productKeys = new string[length];
    private readonly string[] _deviceNames = new string[length];
    private readonly string[] _messageIds = new string[length];
    private readonly string[] _names = new string[length];
    private readonly byte[][] _payloads = new byte[length][];
    private readonly string[] _topics = new string[length];
    private readonly bool[] _needSubscription = new bool[length];
    private readonly short[] _qos = new short[length];
    private readonly long[] _createdAt = new long[length];
    private readonly long[] _expireAt = new long[length];
    private readonly ProgressColumns _progress = new(length);
    private int _count;

    public void Add(MessageAppend write)
    {
        var message = write.Message.Accepted;
        var i = _count++;
        _deviceKeys[i] = write.DeviceKey;
        _sequences[i] = message.Sequence;
        _sequencesNamed[i] = OwnId.SequenceNamed(message.MessageId);
        _productKeys[i] = message.Device.ProductKey;
        _deviceNames[i] = message.Device.DeviceName;
        _messageIds[i] = message.MessageId;
        _names[i] = message.Name;
        _payloads[i] = message.Payload.ToStored();
        _topics[i] = message.Topic;
        _needSubscription[i] = message.NeedsSubscription;
        _qos[i] = (short)message.QoS;
        _createdAt[i] = StoreTime.ToStore(message.CreatedAt);
        _expireAt[i] = StoreTime.ToStore(message.ExpiresAt);
        _progress.Add(write.Message.Progress);
    }

    public void AddTo(NpgsqlParameterCollection parameters)
    {
        parameters
            .With(_deviceKeys).With(_sequences).With(_sequencesNamed).With(_productKeys).With(_deviceNames).With(_messageIds).With(_names).With(_payloads).With(_topics)
            .With(_needSubscription).With(_qos).With(_createdAt).With(_expireAt);
        _progress.AddTo(parameters);
    }
}
