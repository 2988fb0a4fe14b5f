using System.Collections.Concurrent;
using IotPlatform.Products;

namespace IotPlatform.Compat;

/// <summary>
/// What a gateway knows of products, so that a login costs no call for its product. Changes are told to every gateway at once; should that fail, a copy
/// is read anew when it is <see cref="AgeMax"/> old.
/// </summary>
internal sealed class ProductCache(IGrainFactory grains, TimeProvider time)
{
    /// <summary>Products known at once; past that, one is forgotten for each new one. Unknown keys are known as well, so that guessing keys costs one read each.</summary>
    private const int LengthMax = 10_000;

    private static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Entry> _products = new(StringComparer.Ordinal);

    /// <returns>Null when there is none.</returns>
    public ValueTask<ProductView?> GetAsync(string productKey) =>
        _products.TryGetValue(productKey, out var entry) && time.GetElapsedTime(entry.ReadAt) < AgeMax
            ? ValueTask.FromResult(entry.Product)
            : ReadAsync(productKey);

    public void Set(string productKey, ProductView? product)
    {
        EvictIfFull();
        _products[productKey] = new Entry(product, time.GetTimestamp());
    }

    /// <summary>Whether it is known that the product's devices may not be connected. Asks nobody.</summary>
    public bool IsKnownToBeClosed(string productKey) => _products.TryGetValue(productKey, out var entry) && entry.Product is not { IsEnabled: true };

    /// <summary>What is known of a product. Asks nobody.</summary>
    public ProductView? Find(string productKey) => _products.TryGetValue(productKey, out var entry) ? entry.Product : null;

    private async ValueTask<ProductView?> ReadAsync(string productKey)
    {
        var askedAt = time.GetTimestamp();
        var reply = await grains.GetGrain<IProductGrain>(IProductGrain.KeyOf(productKey)).GetAsync();
        EvictIfFull();

        // What was told while the answer was on its way is newer than the answer.
        return _products.AddOrUpdate(
            productKey,
            static (_, read) => read,
            static (_, known, read) => known.ReadAt > read.ReadAt ? known : read,
            new Entry(reply.Value, askedAt)).Product;
    }

    private void EvictIfFull()
    {
        if (_products.Count < LengthMax)
        {
            return;
        }

        foreach (var (productKey, _) in _products)
        {
            _products.TryRemove(productKey, out _);
            return;
        }
    }

    private sealed record Entry(ProductView? Product, long ReadAt);
}
