using IotPlatform.Api.Access;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Limits;
using IotPlatform.Transport.Limits;
using Microsoft.Extensions.Options;

namespace IotPlatform.Api.Sending;

/// <summary>How many messages a second callers may send through this gateway, for each product and each caller.</summary>
internal sealed class SendLimits
{
    /// <summary>Products, and callers, known at once. A table of them takes less than a megabyte.</summary>
    private const int KeysMax = 10_000;

    private readonly SendOptions _options;
    private readonly GatewayInstruments _instruments;
    private readonly TokenBuckets<string>? _products;
    private readonly TokenBuckets<string>? _callers;

    public SendLimits(IOptions<SendOptions> options, GatewayInstruments instruments, TimeProvider time)
    {
        _options = options.Value;
        _instruments = instruments;
        _products = Table(_options.SendsPerSecondPerProduct, _options.SendsBurstPerProduct, "messages_per_product");
        _callers = Table(_options.SendsPerSecondPerCaller, _options.SendsBurstPerCaller, "messages_per_caller");

        TokenBuckets<string>? Table(int perSecond, int? burst, string name) =>
            Rate.Of(perSecond > 0 ? perSecond : null, burst) is { } rate
                ? new TokenBuckets<string>(rate, KeysMax, time, count => instruments.LimitsForgotten(name, count))
                : null;
    }

    /// <summary>Lets one message pass. One that is refused costs neither its caller nor its product anything.</summary>
    /// <param name="productKey">A product that exists: nobody makes others known.</param>
    /// <param name="caller">Who sends it.</param>
    /// <returns>Null when it may be sent.</returns>
    public Refusal? TryTake(string productKey, Caller caller)
    {
        // The caller first: what it may not send must not use up what others may send to the product.
        if (_callers is not null && !_callers.TryTake(caller.Name, out var retryAfter))
        {
            _instruments.MessageRefused("caller");
            return Refusal.ResourceExhausted($"One caller may send {_options.SendsPerSecondPerCaller} messages a second.") with { RetryAfter = retryAfter };
        }

        if (_products is not null && !_products.TryTake(productKey, out retryAfter))
        {
            _callers?.Return(caller.Name);
            _instruments.MessageRefused("product");
            return Refusal.ResourceExhausted($"{productKey} may be sent {_options.SendsPerSecondPerProduct} messages a second.") with { RetryAfter = retryAfter };
        }

        return null;
    }
}
