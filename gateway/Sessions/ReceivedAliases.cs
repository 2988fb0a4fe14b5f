namespace IotPlatform.Sessions;

/// <summary>The topic aliases that a connection's client sends with (MQTT 5.0 section 3.3.2.3.4). Exists where it uses one. Used by the receiving thread.</summary>
/// <param name="max">The highest that CONNACK allowed.</param>
internal sealed class ReceivedAliases(int max)
{
    private readonly byte[]?[] _topics = new byte[]?[max];

    /// <summary>Takes an alias: sets it where the topic comes with it, else finds the topic.</summary>
    /// <returns>False when the alias is higher than allowed [MQTT-3.3.2-9], or stands for nothing.</returns>
    public bool TryResolve(ushort alias, ref ReadOnlySpan<byte> topic)
    {
        if (alias == 0 || alias > _topics.Length)
        {
            return false;
        }

        ref var known = ref _topics[alias - 1];
        if (topic.IsEmpty)
        {
            topic = known;
            return known is not null;
        }

        if (!topic.SequenceEqual(known))
        {
            known = topic.ToArray();
        }

        return true;
    }
}
