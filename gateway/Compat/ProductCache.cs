using System.Collections.Concurrent;
using IotPlatform.Products;

namespace IotPlatform.Compat;

/// <summary>
/// What a gateway knows of products, so that a login costs no call for its product. Changes are told to every gateway at once; should that fail, a copy
/// is read anew when it is <see cref="AgeMax"/> old.
/// </summary>
internal sealed class ProductCache(IGrainFactory grains, TimeProvider time)
{
    /// <summary>Products known at once; past that, all are read anew. Unknown keys are known as well, so that guessing keys costs one read each.</summary>
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
        if (_products.Count >= LengthMax)
        {
            _products.Clear();
        }

        _products[productKey] = new Entry(product, time.GetTimestamp());
    }

    private async ValueTask<ProductView?> ReadAsync(string productKey)
    {
        var reply = await grains.GetGrain<IProductGrain>(IProductGrain.KeyOf(productKey)).GetAsync();
        Set(productKey, reply.Value);
        return reply.Value;
    }

    private sealed record Entry(ProductView? Product, long ReadAt);
}
