using IotPlatform.Storage;
using Orleans.Concurrency;

namespace IotPlatform.Products;

/// <summary>Reads across products and devices.</summary>
[StatelessWorker]
internal sealed class RegistryReaderGrain(IRegistryStore store) : Grain, IRegistryReaderGrain
{
    public async Task<ProductPage> ListProductsAsync(PageRequest page)
    {
        var products = await store.ListProductsAsync(page with { Size = page.Size + 1 });
        return products.Length <= page.Size
            ? new ProductPage(products, null)
            : new ProductPage(products[..page.Size], products[page.Size - 1].ProductKey);
    }

    public async Task<DevicePage> ListDevicesAsync(string productKey, PageRequest page)
    {
        var devices = await store.ListDevicesAsync(productKey, page with { Size = page.Size + 1 });
        var views = devices.Take(page.Size).Select(static d => d.ToView());
        return new DevicePage([.. views], devices.Length <= page.Size ? null : devices[page.Size - 1].Id.DeviceName);
    }
}
