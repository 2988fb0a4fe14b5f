using System.Collections.Concurrent;
using IotPlatform.Storage;
using Microsoft.Extensions.Options;

namespace IotPlatform.Devices;

/// <summary>
/// The rules for messages by product, as this silo knows them. What is older than <see cref="Freshness"/> is read again, and taken until that has come: nobody waits
/// but for the first time.
/// </summary>
internal sealed class ProductRules(IRegistryStore registry, IOptions<DeviceMessageOptions> options, TimeProvider time)
{
    /// <summary>How long a change of a product's policy may take to be noticed, from the first message on that comes then.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    /// <summary>Products that are remembered; past that, all are read anew.</summary>
    private const int ProductsMax = 10_000;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The rules of a product. One that does not exist has the installation's settings.</summary>
    public ValueTask<MessageRules> OfAsync(ReadOnlySpan<char> productKey)
    {
        if (!_known.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(productKey, out var known))
        {
            if (_known.Count >= ProductsMax)
            {
                _known.Clear();
            }

            known = _known.GetOrAdd(productKey.ToString(), static key => new Known(key));
        }

        lock (known)
        {
            if (known.Rules is { } rules)
            {
                if (time.GetElapsedTime(known.ReadAt) >= Freshness && known.Reading is null)
                {
                    _ = BeginReading(known);
                }

                return new(rules);
            }

            return new(known.Reading ?? BeginReading(known));
        }
    }

    private Task<MessageRules> BeginReading(Known known)
    {
        var reading = ReadAsync(known);
        known.Reading = reading.IsCompleted ? null : reading;
        return reading;
    }

    private async Task<MessageRules> ReadAsync(Known known)
    {
        var readAt = time.GetTimestamp();
        MessageRules? rules = null;
        try
        {
            rules = MessageRules.Of(options.Value, (await registry.FindProductAsync(known.ProductKey).ConfigureAwait(false))?.Messages);
        }
        catch when (known.Rules is not null)
        {
            // What is known serves until the store is back.
            readAt = known.ReadAt;
        }
        finally
        {
            lock (known)
            {
                known.Reading = null;

                // The very object where nothing has changed: a million mailboxes hold one.
                known.Rules = known.Rules == rules ? known.Rules : rules ?? known.Rules;
                known.ReadAt = readAt;
            }
        }

        return known.Rules!;
    }

    private sealed class Known(string productKey)
    {
        public string ProductKey => productKey;

        public MessageRules? Rules { get; set; }

        public long ReadAt { get; set; }

        public Task<MessageRules>? Reading { get; set; }
    }
}
