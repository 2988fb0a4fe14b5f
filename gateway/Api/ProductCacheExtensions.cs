using IotPlatform.Compat;
using IotPlatform.Grpc;

namespace IotPlatform.Api;

/// <summary>What calls ask of products.</summary>
internal static class ProductCacheExtensions
{
    /// <returns>The key, when there is such a product, and it is enabled.</returns>
    /// <exception cref="RpcException">It is malformed, or there is none, or it is disabled.</exception>
    public static async ValueTask<string> RequireAsync(this ProductCache products, string productKey) =>
        await products.GetAsync(Requests.ProductKey(productKey)) switch
        {
            null => throw Refusals.NotFound($"There is no product {productKey}."),
            { IsEnabled: false } => throw new RpcException(StatusCode.FailedPrecondition, $"Product {productKey} is disabled."),
            _ => productKey,
        };
}
