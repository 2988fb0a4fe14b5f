using IotPlatform.Hosting;

return await Startup.RunAsync(async () =>
{
    // Settings lie beside the program, wherever it is started from; data lies where it is started.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddGrains();
    builder.AddGateway();

    var app = builder.Build();
    app.CheckSettings();
    app.MapGateway();
    await app.RunAsync();
    return 0;
});
