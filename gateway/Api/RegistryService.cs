using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using IotPlatform.Devices;
using IotPlatform.Grpc;
using IotPlatform.Products;
using IotPlatform.Protos.V1;

namespace IotPlatform.Api;

/// <summary><c>iot.v1.Registry</c>: checks requests and turns them into grain calls.</summary>
internal sealed class RegistryService(IGrainFactory grains)
{
    private const int BatchLengthMax = 1_000;
    private const int TopicPermissionsMax = 100;

    public GrpcServiceDefinition Definition() => GrpcServiceDefinition.For(RegistryReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("Registry"))
        .Unary<CreateProductRequest, Product>("CreateProduct", CreateProductAsync)
        .Unary<GetProductRequest, Product>("GetProduct", GetProductAsync)
        .Unary<ListProductsRequest, ListProductsResponse>("ListProducts", ListProductsAsync)
        .Unary<EnableProductRequest, Product>("EnableProduct", EnableProductAsync)
        .Unary<DisableProductRequest, Product>("DisableProduct", DisableProductAsync)
        .Unary<SetTopicPermissionsRequest, Product>("SetTopicPermissions", SetTopicPermissionsAsync)
        .Unary<SetMessagePolicyRequest, Product>("SetMessagePolicy", SetMessagePolicyAsync)
        .Unary<DeleteProductRequest, Empty>("DeleteProduct", DeleteProductAsync)
        .Unary<CreateDeviceRequest, Device>("CreateDevice", CreateDeviceAsync)
        .Unary<BatchCreateDevicesRequest, BatchCreateDevicesResponse>("BatchCreateDevices", BatchCreateDevicesAsync)
        .Unary<GetDeviceRequest, Device>("GetDevice", GetDeviceAsync)
        .Unary<ListDevicesRequest, ListDevicesResponse>("ListDevices", ListDevicesAsync)
        .Unary<EnableDeviceRequest, Device>("EnableDevice", EnableDeviceAsync)
        .Unary<DisableDeviceRequest, Device>("DisableDevice", DisableDeviceAsync)
        .Unary<DeleteDeviceRequest, Empty>("DeleteDevice", DeleteDeviceAsync)
        .Unary<SetDeviceTagsRequest, Device>("SetDeviceTags", SetDeviceTagsAsync)
        .Unary<ResetDeviceSecretRequest, Device>("ResetDeviceSecret", ResetDeviceSecretAsync)
        .Build();

    public async Task<Product> CreateProductAsync(CreateProductRequest request, CallContext context)
    {
        var productKey = request.ProductKey.Length == 0 ? Guid.NewGuid().ToString("N")[..16] : request.ProductKey;
        return (await ProductGrain(productKey).CreateAsync(new CreateProduct(Requests.DisplayName(request.Name), request.OpenRegistration)))
            .OrThrow().ToMessage();
    }

    public async Task<Product> GetProductAsync(GetProductRequest request, CallContext context) =>
        (await ProductGrain(request.ProductKey).GetAsync()).OrThrow().ToMessage();

    public async Task<ListProductsResponse> ListProductsAsync(ListProductsRequest request, CallContext context)
    {
        var page = new PageRequest(Requests.PageSize(request.PageSize), Requests.NameToken(request.PageToken, Names.IsProductKey));
        var answer = await Reader().ListProductsAsync(page);
        var response = new ListProductsResponse { NextPageToken = answer.Next ?? "" };
        response.Products.AddRange(answer.Products.Select(static p => p.ToMessage()));
        return response;
    }

    public async Task<Product> EnableProductAsync(EnableProductRequest request, CallContext context) =>
        (await ProductGrain(request.ProductKey).SetEnabledAsync(isEnabled: true)).OrThrow().ToMessage();

    public async Task<Product> DisableProductAsync(DisableProductRequest request, CallContext context) =>
        (await ProductGrain(request.ProductKey).SetEnabledAsync(isEnabled: false)).OrThrow().ToMessage();

    public async Task<Product> SetTopicPermissionsAsync(SetTopicPermissionsRequest request, CallContext context)
    {
        if (request.TopicPermissions.Count > TopicPermissionsMax)
        {
            throw Refusals.Invalid($"topicPermissions must be at most {TopicPermissionsMax}.");
        }

        ImmutableArray<Products.TopicPermission> permissions = [.. request.TopicPermissions.Select(Requests.TopicPermission)];
        return (await ProductGrain(request.ProductKey).SetTopicPermissionsAsync(permissions)).OrThrow().ToMessage();
    }

    public async Task<Product> SetMessagePolicyAsync(SetMessagePolicyRequest request, CallContext context) =>
        (await ProductGrain(request.ProductKey).SetMessagePolicyAsync(MessagePolicies.Read(request.MessagePolicy))).OrThrow().ToMessage();

    public async Task<Empty> DeleteProductAsync(DeleteProductRequest request, CallContext context)
    {
        (await ProductGrain(request.ProductKey).DeleteAsync()).OrThrow();
        return new Empty();
    }

    public async Task<Device> CreateDeviceAsync(CreateDeviceRequest request, CallContext context) =>
        (await ProductGrain(request.ProductKey).CreateDeviceAsync(
            new CreateDevice(request.DeviceName.Length == 0 ? "" : Requests.DeviceName(request.DeviceName), Requests.Tags(request.Tags)))).OrThrow().ToMessage();

    public async Task<BatchCreateDevicesResponse> BatchCreateDevicesAsync(BatchCreateDevicesRequest request, CallContext context)
    {
        if (request.DeviceNames.Count is 0 or > BatchLengthMax)
        {
            throw Refusals.Invalid($"deviceNames must be 1 to {BatchLengthMax} names.");
        }

        ImmutableArray<string> names = [.. request.DeviceNames.Select(Requests.DeviceName)];
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            throw Refusals.Invalid("deviceNames holds a name twice.");
        }

        var response = new BatchCreateDevicesResponse();
        var created = (await ProductGrain(request.ProductKey).CreateDevicesAsync(names)).OrThrow();
        response.Devices.AddRange(created.Devices.Select(static d => d.ToMessage()));
        return response;
    }

    public async Task<Device> GetDeviceAsync(GetDeviceRequest request, CallContext context) =>
        (await DeviceGrain(request.ProductKey, request.DeviceName).GetAsync()).OrThrow().ToMessage();

    public async Task<ListDevicesResponse> ListDevicesAsync(ListDevicesRequest request, CallContext context)
    {
        var productKey = Requests.ProductKey(request.ProductKey);
        var page = new PageRequest(Requests.PageSize(request.PageSize), Requests.NameToken(request.PageToken, Names.IsDeviceName));
        (await ProductGrain(productKey).GetAsync()).OrThrow();
        var answer = await Reader().ListDevicesAsync(productKey, page);

        // Who is connected is known to the devices' own grains only.
        var devices = await Task.WhenAll(answer.Devices.Select(d => grains.GetGrain<IDeviceGrain>(d.Id.GrainKey).GetAsync()));
        var response = new ListDevicesResponse { NextPageToken = answer.Next ?? "" };
        response.Devices.AddRange(devices.Where(static d => d.Value is not null).Select(static d => d.Value!.ToMessage()));
        return response;
    }

    public async Task<Device> EnableDeviceAsync(EnableDeviceRequest request, CallContext context) =>
        (await DeviceGrain(request.ProductKey, request.DeviceName).SetEnabledAsync(isEnabled: true)).OrThrow().ToMessage();

    public async Task<Device> DisableDeviceAsync(DisableDeviceRequest request, CallContext context) =>
        (await DeviceGrain(request.ProductKey, request.DeviceName).SetEnabledAsync(isEnabled: false)).OrThrow().ToMessage();

    public async Task<Empty> DeleteDeviceAsync(DeleteDeviceRequest request, CallContext context)
    {
        (await DeviceGrain(request.ProductKey, request.DeviceName).DeleteAsync()).OrThrow();
        return new Empty();
    }

    public async Task<Device> SetDeviceTagsAsync(SetDeviceTagsRequest request, CallContext context)
    {
        var tags = Requests.Tags(request.Tags);
        return (await DeviceGrain(request.ProductKey, request.DeviceName).SetTagsAsync(tags)).OrThrow().ToMessage();
    }

    public async Task<Device> ResetDeviceSecretAsync(ResetDeviceSecretRequest request, CallContext context) =>
        (await DeviceGrain(request.ProductKey, request.DeviceName).ResetSecretAsync()).OrThrow().ToMessage();

    private IProductGrain ProductGrain(string productKey) =>
        grains.GetGrain<IProductGrain>(IProductGrain.KeyOf(Requests.ProductKey(productKey)));

    private IDeviceGrain DeviceGrain(string productKey, string deviceName) =>
        grains.GetGrain<IDeviceGrain>(Requests.Device(productKey, deviceName).GrainKey);

    private IRegistryReaderGrain Reader() => grains.GetGrain<IRegistryReaderGrain>(IRegistryReaderGrain.GrainKey);
}
